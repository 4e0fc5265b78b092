/**
 * What this node did with each head, told to the control plane in order. The last word about each Worker is kept and
 * told again after the control plane was away: it holds states in memory only.
 */
import type { Uuid } from "@corral/base";
import type { FeedState } from "@corral/contract";
import type { FeedClient } from "../feed/client.ts";

export interface Reporter {
  report(state: FeedState): void;
  forget(workerId: Uuid): void;
  /** Tells everything again. */
  repeat(): void;
  stop(): Promise<void>;
}

export function createReporter(feed: FeedClient, onReport: (state: FeedState) => void): Reporter {
  const last = new Map<Uuid, FeedState>();
  const due = new Set<Uuid>();
  let sending: Promise<void> | undefined;

  async function send(): Promise<void> {
    for (const workerId of due) {
      due.delete(workerId);
      const state = last.get(workerId);
      if (state === undefined) continue;
      try {
        await feed.reportState(state);
      } catch {
        // Everything is told again when the feed is back.
        due.clear();
      }
    }
  }

  function sendSoon(): void {
    sending ??= send().finally(() => {
      sending = undefined;
      if (due.size > 0) sendSoon();
    });
  }

  return {
    report(state) {
      onReport(state);
      last.set(state.workerId, state);
      due.add(state.workerId);
      sendSoon();
    },
    forget: (workerId) => void last.delete(workerId),
    repeat() {
      for (const workerId of last.keys()) due.add(workerId);
      sendSoon();
    },
    async stop() {
      await sending;
    },
  };
}
