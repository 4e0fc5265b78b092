import { isSecret, type Uuid } from "@corral/base";
import { authorise } from "../../authorise.ts";
import { mutate, Overtaken } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import { planChange, stampFor } from "../../plan-change.ts";
import { storedStaleDeployments, storedVersions } from "../../plan-prune.ts";
import { checkBindingName } from "../../rules/names.ts";
import { doomedBySecret, unboundRecords } from "../../rules/retention.ts";
import { unwrap } from "../../rules/unwrap.ts";
import type { Caller } from "../../types.ts";
import { mustExist } from "../../views.ts";
import { secretNotFound } from "./remove.ts";

/**
 * Erases the values that a secret had and that no version of the active deployment, nor the newest one, has now; the
 * versions that need them die with them. Answers their ids, newest first; with `dryRun` nothing is changed.
 */
export async function destroySecret(
  parts: Parts,
  caller: Caller,
  worker: string,
  name: string,
  options: { readonly dryRun: boolean },
): Promise<readonly Uuid[]> {
  authorise(caller, "secret.write");
  unwrap(checkBindingName(name));
  return mutate(parts, caller, worker, async (found) => {
    const state = mustExist(found);
    const { head } = state.worker;
    const versions = await storedVersions(parts, state);
    if (versions === undefined) throw new Overtaken();
    const isBound = versions.some(({ bindings }) => bindings.some((each) => isSecret(each) && each.name === name));
    if (!isBound) throw secretNotFound(name);
    const { doomed, retained } = doomedBySecret(versions, head, name);
    const versionIds = doomed.map(({ versionId }) => versionId);
    if (options.dryRun || doomed.length === 0) return { plan: undefined, next: state, result: versionIds };
    const deploymentIds = await storedStaleDeployments(parts, head, new Set(versionIds), Infinity);
    const { plan, next } = await planChange(parts, caller, state, stampFor(parts, state), {
      destroy: { versionIds, recordIds: unboundRecords(doomed, retained), deploymentIds },
      audit: [{ action: "secret.destroy", subject: name }],
    });
    const committed = (): void => versionIds.forEach((id) => parts.versions.forget(id));
    return { plan, next, result: versionIds, committed };
  });
}
