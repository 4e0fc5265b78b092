/** The routes that were live before this start, where the newest head has not been live here yet. */
import type { Uuid } from "@corral/base";
import type { FeedClient } from "../feed/client.ts";
import { bytesOf, type PlacedVersion, placeVersion } from "../loader/version.ts";
import type { JournalEntry } from "./journal.ts";
import type { PlacedWorker } from "./placed-worker.ts";

/**
 * `worker`, as the feed has it now, with the head that was live last; undefined if there is none or the control plane
 * has not kept its versions.
 */
export async function lastGood(
  feed: FeedClient,
  worker: PlacedWorker,
  entry: JournalEntry | undefined,
): Promise<PlacedWorker | undefined> {
  if (entry?.live === null || entry?.live === undefined) return undefined;
  const { head, headMac } = entry.live;
  const { workerId } = worker.head;
  try {
    if (head.workerId !== workerId) return undefined;
    worker.keys.authenticator.verifyHead(head, bytesOf(headMac));
    const versions = new Map<Uuid, PlacedVersion>();
    for (const { versionId } of head.shares) {
      const known = worker.versions.get(versionId);
      const given = known === undefined ? await feed.findVersion(workerId, versionId) : undefined;
      const version = known ?? (given && placeVersion(worker.accountId, workerId, given, worker.keys));
      if (version === undefined) return undefined;
      versions.set(versionId, version);
    }
    return { ...worker, head, headMac, versions };
  } catch {
    return undefined;
  }
}
