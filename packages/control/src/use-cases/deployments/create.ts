import { acceptedName, CorralError, type Head, type SafeText, type Share, type Uuid } from "@corral/base";
import type { DeploymentRow } from "@corral/storage";
import { authorise } from "../../authorise.ts";
import { mutate } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import { planChange, stampFor } from "../../plan-change.ts";
import { changedNames, isGoingBack, secretDifferences } from "../../rules/changed-secrets.ts";
import { checkShares } from "../../rules/shares.ts";
import { keepMessage } from "../../rules/text.ts";
import { unwrap } from "../../rules/unwrap.ts";
import type { KnownVersion } from "../../state/known-versions.ts";
import type { WorkerState } from "../../state/workers.ts";
import type { Caller, DeploymentInput } from "../../types.ts";
import { mustExist } from "../../views.ts";
import { findRetained } from "../versions/get.ts";

/** The split becomes the active deployment. Throws "deployment.secrets-changed" (10220) unless forced. */
export async function createDeployment(
  parts: Parts,
  caller: Caller,
  worker: string,
  input: DeploymentInput,
): Promise<DeploymentRow> {
  authorise(caller, "worker.write");
  const shares = unwrap(checkShares(input.shares, parts.limits.deploymentVersions));
  return mutate(parts, caller, worker, async (found) => {
    const state = mustExist(found);
    const targets = await targetsOf(parts, state, shares);
    if (!input.force) await refuseChangedSecrets(parts, state, targets);
    const { plan, next, deployment } = await planChange(parts, caller, state, stampFor(parts, state), {
      deployment: { shares, message: keepMessage(input.message, parts.limits.messageBytes), triggeredBy: "deployment" },
      audit: [{ action: "deployment.create" }],
    });
    if (deployment === undefined) throw new CorralError("internal");
    return { plan, next, result: deployment };
  });
}

async function targetsOf(parts: Parts, state: WorkerState, shares: readonly Share[]): Promise<readonly KnownVersion[]> {
  const targets: KnownVersion[] = [];
  for (const { versionId } of shares) {
    const target = await findRetained(parts, state, versionId);
    if (target === undefined) throw new CorralError("deployment.unknown-version");
    targets.push(target);
  }
  return targets;
}

/** Only for going back to a version that serves nothing now; never for moving shares among live versions (design.md 7). */
async function refuseChangedSecrets(parts: Parts, state: WorkerState, targets: readonly KnownVersion[]): Promise<void> {
  const { head } = state.worker;
  const active = await newestActive(parts, state, head);
  if (active === undefined) return;
  const changed = new Set<string>();
  for (const { manifest } of targets) {
    if (!isGoingBack(head, manifest, active.manifest.number)) continue;
    for (const name of await changedSecrets(parts, state, manifest, active.manifest)) changed.add(name);
  }
  if (changed.size === 0) return;
  throw new CorralError("deployment.secrets-changed", { params: { names: listed([...changed]) } });
}

async function newestActive(parts: Parts, state: WorkerState, head: Head): Promise<KnownVersion | undefined> {
  let newest: KnownVersion | undefined;
  for (const { versionId } of head.shares) {
    const version = await parts.versions.find(state.crypto, state.worker.workerId, versionId);
    if (version === undefined) throw new CorralError("storage.corrupt");
    if (newest === undefined || version.manifest.number > newest.manifest.number) newest = version;
  }
  return newest;
}

async function changedSecrets(
  parts: Parts,
  state: WorkerState,
  target: KnownVersion["manifest"],
  active: KnownVersion["manifest"],
): Promise<readonly string[]> {
  const differences = secretDifferences(target.bindings, active.bindings);
  const ids = differences.undecided.flatMap(({ left, right }) => [left, right]);
  const facts = await parts.versions.facts(state.worker.workerId, ids);
  return changedNames(differences, (left: Uuid, right: Uuid) => {
    const [a, b] = [facts.get(left), facts.get(right)];
    return a !== undefined && b !== undefined && state.crypto.sealer.sameFingerprint(a.fingerprint, b.fingerprint);
  });
}

/** wrangler cuts the names out of the message at `, `. */
function listed(names: readonly string[]): SafeText {
  return acceptedName(names.join(", "));
}
