/** What the router's entrypoints share: they run in one isolate, so a module's globals are common to all of them. */
import type { RouterEvent } from "./protocol.ts";
import { RouteTable } from "./table.ts";

export interface RouterEnv {
  readonly LOADER: WorkerLoader;
  readonly AGENT: Fetcher;
}

export const table = new RouteTable();

/** Tells the agent which process has the traffic. */
export const dispatched = { count: 0 };

/** Written synchronously: the agent can read it even if the Worker never gives the process back. */
export function nameDispatch(workerId: string): void {
  // oxlint-disable-next-line no-console -- the console is the way out here
  if (table.marker !== "") console.log(`${table.marker}${workerId}`);
}

/** About 8 MiB of text; beyond it events are counted and dropped, so that a flood costs the Worker its logs only. */
const MAX_LOG_UNITS = 4_000_000;

/** What a request is counted for. */
const TRACE_UNITS = 4_000;

class EventQueue {
  #events: RouterEvent[] = [];
  #units = 0;
  #dropped = 0;
  #wake: (() => void) | undefined;

  put(event: RouterEvent): void {
    let units = 100;
    for (const line of event.lines) for (const part of line.parts) units += part.length;
    // The lines once more, and the request: about as much.
    if (event.trace !== undefined) units = 2 * units + TRACE_UNITS;
    if (this.#units + units > MAX_LOG_UNITS) {
      this.#dropped += 1;
    } else {
      this.#units += units;
      this.#events.push(event);
    }
    this.#wake?.();
  }

  take(): { events: RouterEvent[]; dropped: number } {
    const taken = { events: this.#events, dropped: this.#dropped };
    this.#events = [];
    this.#units = 0;
    this.#dropped = 0;
    return taken;
  }

  /** Resolves when there is something to take; at once if there is. */
  filled(): Promise<void> {
    if (this.#events.length > 0 || this.#dropped > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

export const events = new EventQueue();
