/**
 * Who hung a process that all share? workerd cannot be asked any more. After a first hang its successors say, on a
 * pipe that is written to synchronously, which Worker each request goes to (some 30 µs each); the last one named
 * before a hang is the suspect. Twice within the window, and its requests are held.
 */
import type { Clock, Uuid } from "@corral/base";

export interface Suspects {
  /** New processes name the Workers they dispatch to. */
  readonly watching: boolean;
  /** `last`: the Worker that was named last, where that is known. */
  hung(last: Uuid | undefined): void;
}

const WINDOW_MS = 10 * 60_000;
const STRIKES = 2;

export function createSuspects(clock: Clock, onConvicted: (workerId: Uuid) => void): Suspects {
  let until = -1;
  const strikes = new Map<Uuid, number[]>();
  return {
    get watching() {
      return clock.monotonic() < until;
    },
    hung(last) {
      const now = clock.monotonic();
      until = now + WINDOW_MS;
      if (last === undefined) return;
      const recent = [...(strikes.get(last) ?? []).filter((at) => at > now - WINDOW_MS), now];
      strikes.set(last, recent);
      if (recent.length < STRIKES) return;
      strikes.delete(last);
      onConvicted(last);
    },
  };
}
