import type { Head } from "@corral/base";
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
  // Behind the window lie versions of the active deployment, and rows that are still to be destroyed.
  const window = await windowSize(parts, head);
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

/** How many of the newest `retainedVersions` numbers are stored: all of them, unless some were destroyed. */
async function windowSize(parts: Parts, head: Head): Promise<number> {
  const whole = Math.min(parts.limits.retainedVersions, head.newestNumber);
  const oldest = head.newestNumber - whole;
  const isInside = async (offset: number): Promise<boolean> => {
    const [row] = await parts.store.versions.list(head.workerId, { limit: 1, offset });
    return row !== undefined && row.number > oldest;
  };
  if (whole === 0 || (await isInside(whole - 1))) return whole;
  let low = 0;
  let high = whole - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (await isInside(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
