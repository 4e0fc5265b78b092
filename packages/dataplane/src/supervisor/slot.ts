/**
 * One place for a workerd process: started, given its routes, watched, and filled again when the process is gone.
 *
 * The process gets the whole table before it answers its first request, then what changed. Pushes are one at a time
 * and carry all that has gathered, so the process is at the newest revision however many there were.
 */
import type { Clock } from "@corral/base";
import type { LogsAnswer, RoutesAck, WarmAnswer } from "../router/protocol.ts";
import { followLogs, holdLifeline } from "./attachments.ts";
import type { RoutingTable } from "./routing-table.ts";
import { watchHealth, type HealthLimits } from "./watch.ts";
import type { Workerd } from "./workerd.ts";

export interface SlotOptions {
  readonly table: RoutingTable;
  readonly start: () => Promise<Workerd>;
  readonly health: HealthLimits;
  readonly clock: Clock;
  onStarted(pid: number): void;
  onEnded(pid: number, why: EndReason): void;
  onLogs(answer: LogsAnswer): void;
}

/** "itself": it ended without us. */
export type EndReason = "itself" | "hung" | "memory" | "load-hung";

export interface Slot {
  /** Resolves when the first process is there. Rejects if it cannot start. */
  readonly started: Promise<void>;
  readonly pid: number | undefined;
  /** Resolves when the process, whichever it then is, has the table of this revision. */
  at(revision: number): Promise<void>;
  /** "hung": it did not answer any more and was killed. */
  warm(isolate: string, deadlineMs: number): Promise<WarmAnswer | "hung">;
  evict(isolates: readonly string[]): Promise<void>;
  stop(graceMs: number): Promise<void>;
}

const FIRST_BACKOFF_MS = 20;
const LONGEST_BACKOFF_MS = 5_000;
/** A process that lived this long and then ended gets a successor at once. */
const STEADY_MS = 10_000;
/** Longer than a busy event loop, shorter than anybody's patience. */
const STILL_ALIVE_MS = 1_000;

export function openSlot(options: SlotOptions): Slot {
  const { table } = options;
  const { promise: started, resolve: setStarted, reject: failStart } = Promise.withResolvers<void>();
  let current: Workerd | undefined;
  let acknowledged = 0;
  let pushing: Promise<void> | undefined;
  let waiters: { readonly revision: number; readonly resolve: () => void }[] = [];
  let endReason: EndReason = "itself";
  let stopping = false;
  let wake: () => void = () => {};

  async function push(workerd: Workerd): Promise<void> {
    while (current === workerd && acknowledged < table.revision) {
      const ack = await workerd.ask<RoutesAck>("POST", "/routes", table.changesAfter(acknowledged));
      acknowledged = ack.revision;
      const due = waiters.filter(({ revision }) => revision <= acknowledged);
      waiters = waiters.filter(({ revision }) => revision > acknowledged);
      for (const { resolve } of due) resolve();
    }
  }

  function pushSoon(): void {
    const workerd = current;
    if (workerd === undefined || pushing !== undefined || acknowledged >= table.revision) return;
    pushing = push(workerd)
      // A process that does not take its routes is not well; the successor gets the whole table.
      .catch(() => end(workerd, "hung"))
      .finally(() => {
        pushing = undefined;
        pushSoon();
      });
  }

  function end(workerd: Workerd, why: EndReason): void {
    if (!workerd.isAlive) return;
    endReason = why;
    workerd.kill();
  }

  async function live(): Promise<void> {
    const workerd = await options.start();
    options.onStarted(workerd.pid);
    acknowledged = 0;
    endReason = "itself";
    current = workerd;
    const over = new AbortController();
    void workerd.exited.then(() => over.abort());
    holdLifeline(workerd);
    void followLogs(workerd, over.signal, options.onLogs);
    void watchHealth(workerd, options.health, options.clock, over.signal).then((why) => {
      if (why !== undefined) end(workerd, why);
    });
    setStarted();
    pushSoon();
    await workerd.exited;
    current = undefined;
    acknowledged = 0;
    options.onEnded(workerd.pid, endReason);
  }

  async function run(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    while (!stopping) {
      const since = options.clock.monotonic();
      try {
        await live();
      } catch (error) {
        failStart(error);
      }
      backoffMs = options.clock.monotonic() - since > STEADY_MS ? FIRST_BACKOFF_MS : Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
      if (!stopping) await pause(backoffMs);
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function warm(workerd: Workerd, isolate: string, deadlineMs: number): Promise<WarmAnswer | "hung"> {
    try {
      return await workerd.ask<WarmAnswer>("POST", "/warm", { isolate }, deadlineMs);
    } catch {
      if (!workerd.isAlive) return endReason === "load-hung" ? "hung" : unavailable;
      try {
        await workerd.ask("GET", "/ping", undefined, STILL_ALIVE_MS);
        return { ok: false, kind: "failed", message: "The Worker's top level did not end in time." };
      } catch {
        end(workerd, "load-hung");
        await workerd.exited;
        return "hung";
      }
    }
  }

  started.catch(() => {});
  const running = run();
  return {
    started,
    get pid() {
      return current?.pid;
    },
    at(revision) {
      if (acknowledged >= revision) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      waiters.push({ revision, resolve });
      pushSoon();
      return promise;
    },
    warm: (isolate, deadlineMs) => (current === undefined ? Promise.resolve(unavailable) : warm(current, isolate, deadlineMs)),
    async evict(isolates) {
      await current?.ask("POST", "/evict", { isolates }).catch(() => {});
    },
    async stop(graceMs) {
      stopping = true;
      wake();
      const workerd = current;
      if (workerd !== undefined) {
        // The lifeline and the logs are requests too: unless they end, the process would wait for them.
        await workerd.ask("POST", "/release", {}, STILL_ALIVE_MS).catch(() => {});
        await workerd.drain(graceMs);
      }
      await running;
      for (const { resolve } of waiters) resolve();
    },
  };
}

const unavailable: WarmAnswer = { ok: false, kind: "unavailable", message: "no runtime process is there" };
