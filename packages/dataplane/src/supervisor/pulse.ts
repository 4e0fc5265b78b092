/**
 * Does a workerd process still come round to its event loop? It is asked from time to time, and what counts against it
 * is not the time that passes without an answer but the processor time that it used meanwhile: on a machine where
 * everybody waits for a processor a process that is well may be silent for seconds, and one that never gives its thread
 * back uses all it can get. What passes while this process itself is held up does not count either.
 */
import type { Clock } from "@corral/base";
import { processorMs } from "./processor-time.ts";
import type { Workerd } from "./workerd.ts";

export interface Pulse {
  /**
   * Resolves true when the process has computed for so long without an answer, or has been silent for six times as
   * long, computing or not; false when it has ended or `over` comes first.
   */
  silentFor(ms: number, over?: AbortSignal): Promise<boolean>;
}

/** What a process that waits for something outside it (a disk, a stopped debugger) may be silent longer. */
export const PATIENCE = 6;

interface Watcher {
  readonly ms: number;
  end(silent: boolean): void;
}

export interface Watched extends Pick<Workerd, "pid" | "exited"> {
  /** Settles when its event loop has come round, or it cannot be asked. */
  ping(): Promise<unknown>;
}

/** Asks every `everyMs` while somebody watches; `readProcessor` as processorMs. */
export function createPulse(watched: Watched, everyMs: number, clock: Clock, readProcessor = processorMs): Pulse {
  const watchers = new Set<Watcher>();
  let beating = false;
  let ended = false;
  void watched.exited.then(() => {
    ended = true;
    for (const watcher of watchers) watcher.end(false);
  });

  async function beat(): Promise<void> {
    let asked = false;
    let computed = 0;
    let silent = 0;
    let processorBefore: number | undefined;
    let timeBefore = clock.monotonic();
    while (watchers.size > 0) {
      if (!asked) {
        asked = true;
        const settle = (): boolean => (asked = false);
        watched.ping().then(() => {
          computed = 0;
          silent = 0;
          return settle();
        }, settle);
        processorBefore = await readProcessor(watched.pid);
        timeBefore = clock.monotonic();
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      const now = clock.monotonic();
      const passed = Math.min(now - timeBefore, 2 * everyMs);
      timeBefore = now;
      if (!asked) continue;
      const processor = await readProcessor(watched.pid);
      const used = processor === undefined || processorBefore === undefined ? passed : processor - processorBefore;
      processorBefore = processor;
      // An answer may have come while /proc was read.
      // oxlint-disable-next-line typescript/no-unnecessary-condition -- changed by the answer
      if (!asked) continue;
      silent += passed;
      computed += Math.min(used, passed);
      for (const watcher of watchers) if (computed >= watcher.ms || silent >= PATIENCE * watcher.ms) watcher.end(true);
    }
    beating = false;
  }

  return {
    silentFor(ms, over) {
      if (ended || over?.aborted === true) return Promise.resolve(false);
      return new Promise((resolve) => {
        const stop = (): void => watcher.end(false);
        const watcher: Watcher = {
          ms,
          end(silent) {
            watchers.delete(watcher);
            over?.removeEventListener("abort", stop);
            resolve(silent);
          },
        };
        watchers.add(watcher);
        over?.addEventListener("abort", stop);
        if (beating) return;
        beating = true;
        void beat();
      });
    },
  };
}
