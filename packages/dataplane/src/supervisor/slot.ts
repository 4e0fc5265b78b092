/**
 * One place for a workerd process: started, given its routes, watched, and filled again when the process is gone.
 *
 * The process gets the whole table before it answers its first request, then what changed. Pushes are one at a time
 * and carry all that has gathered, so the process is at the newest revision however many there were.
 */
import type { Clock, Uuid } from "@corral/base";
import type { LogsAnswer, RoutesAck, WarmAnswer, WarmRequest } from "../router/protocol.ts";
import { followLogs, holdLifeline } from "./attachments.ts";
import { Pause } from "./pause.ts";
import { createPulse, PATIENCE } from "./pulse.ts";
import type { RoutingTable } from "./routing-table.ts";
import { type HealthLimits, pulseEveryMs, watchHealth } from "./watch.ts";
import type { Workerd } from "./workerd.ts";

export interface SlotOptions {
  readonly table: RoutingTable;
  readonly start: () => Promise<Workerd>;
  readonly health: HealthLimits;
  readonly clock: Clock;
  readonly onStarted: (pid: number) => void;
  /** `named`: the Worker that it named last. */
  readonly onEnded: (pid: number, why: EndReason, named: Uuid | undefined) => void;
  readonly onLogs: (answer: LogsAnswer) => void;
}

/** "itself": it ended without us. "load-hung": while versions were loaded, so that no Worker's request is to blame. */
export type EndReason = "itself" | "hung" | "memory" | "load-hung";

const FIRST_BACKOFF_MS = 20;
const LONGEST_BACKOFF_MS = 5_000;
/** A process that lived this long and then ended gets a successor at once. */
const STEADY_MS = 10_000;
const RELEASE_MS = 1_000;
const PUSH_AGAIN_MS = 200;
const UNAVAILABLE: WarmAnswer = { ok: false, kind: "unavailable", message: "no runtime process is there" };

export class Slot {
  /** Resolves when the first process is there. Rejects if it cannot start. */
  readonly started: Promise<void>;
  readonly #options: SlotOptions;
  readonly #running: Promise<void>;
  readonly #pause = new Pause();
  #current: Workerd | undefined;
  #acknowledged = 0;
  #pushing: Promise<void> | undefined;
  #waiters: { readonly revision: number; readonly resolve: () => void }[] = [];
  #endReason: EndReason = "itself";
  /** What was killed and may not be gone yet. */
  #ending: Workerd | undefined;
  /** Requests that it served lately, the older the less they count; of no unit. */
  #traffic = 0;
  #served = 0;
  /** Loads under way. */
  #loading = 0;
  #stopping = false;

  constructor(options: SlotOptions) {
    this.#options = options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.started = promise;
    promise.catch(() => {});
    this.#running = this.#run(resolve, reject);
  }

  get pid(): number | undefined {
    return this.#current?.pid;
  }

  get traffic(): number {
    return this.#current === undefined ? -1 : this.#traffic;
  }

  /** Resolves when the process, whichever it then is, has the table of this revision. */
  at(revision: number): Promise<void> {
    if (this.#acknowledged >= revision) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push({ revision, resolve });
    this.#pushSoon();
    return promise;
  }

  /**
   * "hung": the process was found hung during this load and was killed, be it the load's fault or not. However long a
   * load takes in a process that still comes round to its event loop, the process stays.
   */
  async warm(request: WarmRequest, deadlineMs: number): Promise<WarmAnswer | "hung"> {
    const workerd = this.#current;
    if (workerd === undefined) return UNAVAILABLE;
    this.#loading += 1;
    try {
      return await workerd.ask<WarmAnswer>("POST", "/warm", request, PATIENCE * deadlineMs);
    } catch {
      // A killed process has left its connections before its end is known.
      if (this.#ending === workerd) await workerd.exited;
      return !workerd.isAlive && this.#endReason === "load-hung" ? "hung" : UNAVAILABLE;
    } finally {
      this.#loading -= 1;
    }
  }

  async evict(isolates: readonly string[]): Promise<void> {
    await this.#current?.ask("POST", "/evict", { isolates }).catch(() => {});
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#pause.end();
    const workerd = this.#current;
    if (workerd !== undefined) {
      // The lifeline and the logs are requests too: unless they end, the process would wait for them.
      await workerd.ask("POST", "/release", {}, RELEASE_MS).catch(() => {});
      await workerd.drain(graceMs);
    }
    await this.#running;
    for (const { resolve } of this.#waiters) resolve();
  }

  async #run(onStarted: () => void, onFailed: (error: unknown) => void): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    while (!this.#stopping) {
      const since = this.#options.clock.monotonic();
      try {
        await this.#live(onStarted);
      } catch (error) {
        onFailed(error);
      }
      const steady = this.#options.clock.monotonic() - since > STEADY_MS;
      backoffMs = steady ? FIRST_BACKOFF_MS : Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
      if (!this.#stopping) await this.#pause.begin(backoffMs);
    }
  }

  async #live(onStarted: () => void): Promise<void> {
    const workerd = await this.#options.start();
    if (this.#stopping) {
      workerd.kill();
      return workerd.exited;
    }
    this.#options.onStarted(workerd.pid);
    this.#acknowledged = 0;
    this.#served = 0;
    this.#endReason = "itself";
    this.#current = workerd;
    const over = new AbortController();
    void workerd.exited.then(() => over.abort());
    holdLifeline(workerd);
    void followLogs(workerd, over.signal, this.#options.onLogs);
    const { health, clock } = this.#options;
    const { pid, exited } = workerd;
    const ping = async (): Promise<void> => this.#count(await workerd.ask<RoutesAck>("GET", "/ping"));
    const pulse = createPulse({ pid, exited, ping }, pulseEveryMs(health), clock);
    void watchHealth(workerd, pulse, health, over.signal).then((why) => {
      if (why !== undefined) this.#end(workerd, why === "hung" && this.#loading > 0 ? "load-hung" : why);
    });
    onStarted();
    this.#pushSoon();
    await workerd.exited;
    this.#current = undefined;
    this.#acknowledged = 0;
    this.#options.onEnded(workerd.pid, this.#endReason, workerd.lastNamed);
  }

  #pushSoon(): void {
    const workerd = this.#current;
    if (workerd === undefined || this.#pushing !== undefined || this.#acknowledged >= this.#options.table.revision) return;
    this.#pushing = this.#push(workerd)
      // Whether it is well is its watch's to judge; a successor gets the whole table.
      .catch(() => new Pause().begin(PUSH_AGAIN_MS))
      .finally(() => {
        this.#pushing = undefined;
        this.#pushSoon();
      });
  }

  async #push(workerd: Workerd): Promise<void> {
    const { table } = this.#options;
    while (workerd.isAlive && this.#acknowledged < table.revision) {
      const push = { ...table.changesAfter(this.#acknowledged), marker: workerd.marker };
      const ack = await workerd.ask<RoutesAck>("POST", "/routes", push);
      if (this.#current !== workerd) return;
      this.#count(ack);
      this.#acknowledged = ack.revision;
      const due = this.#waiters.filter(({ revision }) => revision <= ack.revision);
      this.#waiters = this.#waiters.filter(({ revision }) => revision > ack.revision);
      for (const { resolve } of due) resolve();
    }
  }

  #count({ served }: RoutesAck): void {
    this.#traffic = this.#traffic / 2 + Math.max(0, served - this.#served);
    this.#served = served;
  }

  #end(workerd: Workerd, why: EndReason): void {
    if (!workerd.isAlive || this.#ending === workerd) return;
    this.#endReason = why;
    this.#ending = workerd;
    workerd.kill();
  }
}
