import { CorralError, isUuid } from "@corral/base";
import { authorise } from "../../authorise.ts";
import type { Parts } from "../../parts.ts";
import { isRetained } from "../../rules/retention.ts";
import type { KnownVersion } from "../../state/known-versions.ts";
import type { WorkerState } from "../../state/workers.ts";
import type { Caller, VersionView } from "../../types.ts";
import { mustExist, mustHaveVersions, versionView } from "../../views.ts";

/** By uuid, or "latest". Throws "version.not-found" (100146), "worker.no-versions" (10222). */
export async function getVersion(parts: Parts, caller: Caller, worker: string, versionId: string): Promise<VersionView> {
  authorise(caller, "worker.read");
  const state = mustExist(await parts.workers.find(caller.accountId, worker));
  return versionView(state.worker.head, await retainedVersion(parts, state, versionId));
}

export async function retainedVersion(parts: Parts, state: WorkerState, versionId: string): Promise<KnownVersion> {
  if (versionId === "latest") return mustHaveVersions(state);
  const version = await findRetained(parts, state, versionId);
  if (version === undefined) throw new CorralError("version.not-found");
  return version;
}

/** Asks the store, not the cache: another replica may have destroyed it. */
export async function findRetained(parts: Parts, state: WorkerState, versionId: string): Promise<KnownVersion | undefined> {
  if (!isUuid(versionId)) return undefined;
  const { workerId } = state.worker;
  const row = await parts.store.versions.find(workerId, versionId);
  if (row === undefined) return undefined;
  const version = parts.versions.verify(state.crypto, workerId, row);
  return isRetained(state.worker.head, version.manifest, parts.limits.retainedVersions) ? version : undefined;
}
