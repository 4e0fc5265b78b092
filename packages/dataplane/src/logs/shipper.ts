/**
 * From tail events to the feed: redacted first, then cut, gathered for a moment, sent in order. While the control
 * plane is away a bounded number waits; beyond it lines are counted and dropped, and the count is a line of its own.
 */
import type { Clock, Uuid } from "@corral/base";
import type { FeedLog } from "@corral/contract";
import type { LogsAnswer, RouterEvent } from "../router/protocol.ts";
import type { Redactors } from "./redactors.ts";

export interface LogShipper {
  take(answer: LogsAnswer): void;
  /** A line of Corral's own about a Worker; `text` is redacted already. */
  say(workerId: Uuid, versionId: Uuid, text: string): void;
  /** Sends what waits, once. */
  stop(): Promise<void>;
}

export interface LogShipperOptions {
  readonly redactors: Redactors;
  readonly clock: Clock;
  /** undefined: it is no longer here. */
  readonly find: (workerId: Uuid) => { readonly name: string; readonly logs: boolean } | undefined;
  readonly send: (logs: readonly FeedLog[]) => Promise<void>;
}

const GATHER_MS = 20;
const MAX_BATCH = 500;
const MAX_WAITING = 5_000;
const MAX_TEXT = 16_384;
const RETRY_MS = 500;

export function createLogShipper({ redactors, clock, find, send }: LogShipperOptions): LogShipper {
  let waiting: FeedLog[] = [];
  let sending: Promise<void> | undefined;
  let stopping = false;

  function put(line: FeedLog): void {
    if (waiting.length < MAX_WAITING) waiting.push(line);
    sending ??= run().finally(() => {
      sending = undefined;
    });
  }

  async function run(): Promise<void> {
    await pause(GATHER_MS);
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH);
      try {
        await send(batch);
        waiting = waiting.slice(batch.length);
      } catch {
        if (stopping) return;
        await pause(RETRY_MS);
      }
    }
  }

  function takeEvent({ workerId, versionId, lines }: RouterEvent): void {
    const worker = find(workerId);
    // What the router says of a Worker whose logs nobody wants goes the same way.
    if (worker?.logs !== true) return;
    const redactor = redactors.ofWorker(workerId);
    for (const { at, level, parts } of lines) {
      put({ workerId, workerName: worker.name, versionId, at, level, text: shorten(redactor.text(parts.join(" "))) });
    }
  }

  return {
    take({ events }) {
      for (const event of events) takeEvent(event);
    },
    say(workerId, versionId, text) {
      const worker = find(workerId);
      if (worker !== undefined) put({ workerId, workerName: worker.name, versionId, at: clock.now(), level: "error", text });
    },
    async stop() {
      stopping = true;
      await sending;
    },
  };
}

/** After the redactor, never before: a value that was cut would pass. */
function shorten(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)} … (${text.length - MAX_TEXT} more)`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
