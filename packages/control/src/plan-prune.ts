/**
 * Destroys what no longer may be seen, in batches, so that a put does not pay for it each time: once per `BATCH`
 * versions the plan that adds a version also removes those beyond the newest `retainedVersions` that no share names,
 * the records that only they bound, and the deployments that the history has dropped.
 */
import type { Head, Manifest, Uuid } from "@corral/base";
import { CorralError } from "@corral/base";
import type { Parts } from "./parts.ts";
import { isRetained, staleDeployments, unboundRecords } from "./rules/retention.ts";
import type { WorkerState } from "./state/workers.ts";

const BATCH = 100;
/** More than a batch leaves behind; what is left over goes with the next one. */
const READ_LIMIT = 10_000;

export interface Prune {
  readonly versionIds: readonly Uuid[];
  readonly recordIds: readonly Uuid[];
  readonly deploymentIds: readonly Uuid[];
}

/** Whether the version of this number prunes; it then needs to see every version before it stored. */
export function isPruneDue(number: number, retained: number): boolean {
  return number > retained && number % BATCH === 0;
}

export async function planPrune(parts: Parts, state: WorkerState, head: Head, added: Manifest): Promise<Prune | undefined> {
  const { retainedVersions, retainedDeployments } = parts.limits;
  if (!isPruneDue(head.newestNumber, retainedVersions)) return undefined;
  const versions = await storedVersions(parts, state);
  // Another replica was faster: this plan will conflict.
  if (versions === undefined) return undefined;
  const doomed = versions.filter((version) => !isRetained(head, version, retainedVersions));
  const retained = versions.filter((version) => isRetained(head, version, retainedVersions));
  const doomedIds = new Set(doomed.map(({ versionId }) => versionId));
  if (doomedIds.has(added.versionId)) throw new CorralError("internal");
  return {
    versionIds: [...doomedIds],
    recordIds: unboundRecords(doomed, [...retained, added]),
    deploymentIds: await storedStaleDeployments(parts, head, doomedIds, retainedDeployments),
  };
}

/**
 * Every version that is stored, newest first; undefined when that is more than `state` knows of.
 * Throws NotYetStored when it is less: what versions under way inherit must not be destroyed.
 */
export async function storedVersions(parts: Parts, state: WorkerState): Promise<readonly Manifest[] | undefined> {
  const { workerId } = state.worker;
  const rows = await parts.store.versions.list(workerId, { limit: READ_LIMIT, offset: 0 });
  const stored = rows[0]?.number ?? 0;
  const base = state.newest?.manifest.number ?? 0;
  if (stored < base) throw new NotYetStored();
  if (stored > base) return undefined;
  return rows.map((row) => parts.versions.verify(state.crypto, workerId, row).manifest);
}

export async function storedStaleDeployments(
  parts: Parts,
  head: Head,
  doomed: ReadonlySet<Uuid>,
  limit: number,
): Promise<readonly Uuid[]> {
  const deployments = await parts.store.deployments.list(head.workerId, { limit: READ_LIMIT, offset: 0 });
  return staleDeployments(deployments, head.deploymentId, doomed, limit);
}

/** The decision was made upon commits under way, and needs them stored. */
export class NotYetStored extends Error {
  override readonly name = "NotYetStored";
}
