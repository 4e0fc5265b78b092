/**
 * From tail events to the feed: redacted first, then cut, gathered for a moment, sent in order. While the control
 * plane is away a bounded number waits; beyond it lines are counted and dropped, and the count is a line of its own.
 */
import type { Clock, Uuid } from "@corral/base";
import type { FeedLog, FeedTrace } from "@corral/contract";
import type { LogsAnswer, RouterEvent } from "../router/protocol.ts";
import type { Redactors } from "./redactors.ts";
import { redactTrace, shorten } from "./trace.ts";

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
  readonly find: (workerId: Uuid) => { readonly name: string; readonly logs: boolean; readonly tailed: boolean } | undefined;
  readonly send: (logs: readonly FeedLog[]) => Promise<void>;
  readonly sendTraces: (traces: readonly FeedTrace[]) => Promise<void>;
}

const GATHER_MS = 20;
const MAX_BATCH = 500;
const MAX_WAITING = 5_000;
/** Traces are for those who watch now: what finds no room is not kept for later. */
const MAX_TRACES = 200;
const RETRY_MS = 500;

export function createLogShipper({ redactors, clock, find, send, sendTraces }: LogShipperOptions): LogShipper {
  let waiting: FeedLog[] = [];
  let sending: Promise<void> | undefined;
  let traces: FeedTrace[] = [];
  let tracing: Promise<void> | undefined;
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

  function putTrace(trace: FeedTrace): void {
    if (traces.length < MAX_TRACES) traces.push(trace);
    tracing ??= runTraces().finally(() => {
      tracing = undefined;
    });
  }

  async function runTraces(): Promise<void> {
    while (traces.length > 0) {
      const batch = traces;
      traces = [];
      await sendTraces(batch).catch(() => {});
    }
  }

  function takeEvent({ workerId, versionId, lines, trace }: RouterEvent): void {
    const worker = find(workerId);
    // What the router says of a Worker whose logs nobody wants goes the same way.
    if (worker?.logs !== true) return;
    const redactor = redactors.ofWorker(workerId);
    for (const { at, level, parts } of lines) {
      put({ workerId, workerName: worker.name, versionId, at, level, text: shorten(redactor.text(parts.join(" "))) });
    }
    if (trace !== undefined && worker.tailed) {
      putTrace({ ...redactTrace(trace, redactor), workerId, workerName: worker.name, versionId });
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
      await Promise.all([sending, tracing]);
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
