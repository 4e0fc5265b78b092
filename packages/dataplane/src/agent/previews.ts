/** Hosts of one version: `<first 8 of version>-<worker>.<domain>`, if the Worker's head says so. */
import type { Uuid } from "@corral/base";
import type { FeedClient } from "../feed/client.ts";
import { placeVersion } from "../loader/version.ts";
import type { ResolveAnswer } from "../router/protocol.ts";
import type { Isolates } from "./isolates.ts";
import type { Installation, PlacedWorker } from "./placed-worker.ts";
import type { Retirement } from "./retirement.ts";

export interface Previews {
  find(host: string): Promise<ResolveAnswer | undefined>;
}

export interface PreviewsOptions {
  readonly installation: () => Installation;
  readonly placed: ReadonlyMap<Uuid, PlacedWorker>;
  readonly feed: FeedClient;
  readonly isolates: Isolates;
  readonly retirement: Retirement;
}

const PREFIX_LENGTH = 8;

export function createPreviews({ installation, placed, feed, isolates, retirement }: PreviewsOptions): Previews {
  function workerAt(host: string): PlacedWorker | undefined {
    for (const domain of installation().domains) {
      if (!host.endsWith(`.${domain}`)) continue;
      const label = host.slice(PREFIX_LENGTH + 1, -domain.length - 1);
      for (const worker of placed.values()) if (worker.head.previews && worker.label === label) return worker;
    }
    return undefined;
  }

  return {
    async find(host) {
      const worker = workerAt(host);
      if (worker === undefined) return undefined;
      const { workerId } = worker.head;
      const given = await feed.findVersion(workerId, host.slice(0, PREFIX_LENGTH));
      if (given === undefined) return undefined;
      const version = placeVersion(worker.accountId, workerId, given, worker.keys);
      const isolate = isolates.put(version, worker.logs);
      retirement.keep(isolate);
      return { workerId, versionId: given.versionId, isolate };
    },
  };
}
