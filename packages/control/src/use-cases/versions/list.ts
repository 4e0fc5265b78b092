import { authorise } from "../../authorise.ts";
import { pageOf } from "../../paging.ts";
import type { Parts } from "../../parts.ts";
import { isRetained } from "../../rules/retention.ts";
import type { Caller, Paging, VersionView } from "../../types.ts";
import { mustExist, versionView } from "../../views.ts";

/** The retained versions, newest first; a page past the end is empty. */
export async function listVersions(
  parts: Parts,
  caller: Caller,
  worker: string,
  paging: Paging,
): Promise<{ readonly versions: readonly VersionView[]; readonly total: number }> {
  authorise(caller, "worker.read");
  const state = mustExist(await parts.workers.find(caller.accountId, worker));
  const { workerId, head } = state.worker;
  const { retainedVersions } = parts.limits;
  const { limit, offset } = pageOf(paging);
  // The newest are retained without gaps; behind them lie versions of the active deployment, and rows to be destroyed.
  const window = Math.min(retainedVersions, head.newestNumber);
  const rows = await parts.store.versions.list(workerId, { limit: Math.max(0, Math.min(limit, window - offset)), offset });
  const versions = rows.map((row) => parts.versions.verify(state.crypto, workerId, row));
  const older = [];
  for (const { versionId } of head.shares) {
    const version = await parts.versions.find(state.crypto, workerId, versionId);
    if (version !== undefined && !isRetained({ ...head, shares: [] }, version.manifest, retainedVersions)) older.push(version);
  }
  older.sort((a, b) => b.manifest.number - a.manifest.number);
  versions.push(...older.slice(Math.max(0, offset - window), Math.max(0, offset + limit - window)));
  return { versions: versions.map((version) => versionView(head, version)), total: window + older.length };
}
