/** What the feed's HTTP edge calls. Node authentication is the edge's business; this side trusts its caller. */
import type { Uuid } from "@corral/base";
import type {
  FeedChange,
  FeedHead,
  FeedHello,
  FeedState,
  FeedTrace,
  FeedVersion,
  FeedWorker,
  ProveAnswer,
  ProveRequest,
} from "@corral/contract";

export interface FeedSource {
  hello(): Promise<FeedHello>;
  heads(): Promise<readonly FeedHead[]>;
  worker(workerId: Uuid): Promise<FeedWorker | undefined>;
  version(workerId: Uuid, idOrPrefix: string): Promise<FeedVersion | undefined>;
  module(sha256: string): Promise<Uint8Array | undefined>;
  /** Replays what changed after `seq`, then goes on with each commit until the signal aborts. */
  changes(seq: number, signal: AbortSignal): AsyncIterable<FeedChange>;
  report(state: FeedState): void;
  /** Invocations for whoever tails their Workers. */
  publish(traces: readonly FeedTrace[]): void;
}

/** Loads a version in a process of its own before it is accepted. Resolves undefined when no node is there to ask. */
export interface VersionProver {
  prove(request: ProveRequest): Promise<ProveAnswer | undefined>;
}
