import { systemClock } from "@corral/base";
import { expect, test } from "vitest";
import { createPulse, type Pulse } from "./pulse.ts";

const EVERY_MS = 5;
const LIMIT_MS = 40;

interface Patient {
  readonly pulse: Pulse;
  readonly pings: number;
  end(): void;
}

/** `used`: of each millisecond so much is processor time. `answers`: what it does when it is asked. */
function patient(used: number, answers: (count: number) => Promise<unknown>): Patient {
  const { promise: exited, resolve: end } = Promise.withResolvers<void>();
  let pings = 0;
  const ping = (): Promise<unknown> => answers((pings += 1));
  const start = performance.now();
  const pulse = createPulse({ pid: 1, exited, ping }, EVERY_MS, systemClock, async () => (performance.now() - start) * used);
  return {
    pulse,
    end,
    get pings() {
      return pings;
    },
  };
}

const never = (): Promise<never> => new Promise(() => {});
/** Each answer takes a few turns. */
const slowly = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3 * EVERY_MS));
const sleep = (ms: number): Promise<"not silent"> => new Promise((resolve) => setTimeout(() => resolve("not silent"), ms));

test("a process that computes without end and does not answer is found", async () => {
  const { pulse } = patient(1, never);
  expect(await pulse.silentFor(LIMIT_MS)).toBe(true);
});

test("a process that is given no processor may be silent, though not for ever", async () => {
  const { pulse } = patient(0.05, never);
  const started = performance.now();
  expect(await pulse.silentFor(LIMIT_MS)).toBe(true);
  expect(performance.now() - started).toBeGreaterThan(4 * LIMIT_MS);
});

test("a process that answers is well, however slow it is and however much it computes", async () => {
  const busy = patient(1, slowly);
  const over = new AbortController();
  const silent = busy.pulse.silentFor(LIMIT_MS, over.signal);
  expect(await Promise.race([silent, sleep(5 * LIMIT_MS)])).toBe("not silent");
  expect(busy.pings).toBeGreaterThan(1);
  over.abort();
  expect(await silent).toBe(false);
});

test("what passes while the one who asks is held up is not held against the process", async () => {
  const { pulse, end } = patient(1, never);
  const silent = pulse.silentFor(LIMIT_MS);
  await sleep(EVERY_MS);
  const until = performance.now() + 4 * LIMIT_MS;
  while (performance.now() < until);
  expect(await Promise.race([silent, new Promise((resolve) => setImmediate(() => resolve("not silent")))])).toBe("not silent");
  end();
  expect(await silent).toBe(false);
});

test("a process that has ended is not silent, and nobody asks it any more", async () => {
  const gone = patient(1, () => Promise.reject(new Error("closed")));
  const silent = gone.pulse.silentFor(LIMIT_MS);
  gone.end();
  expect(await silent).toBe(false);
  expect(await gone.pulse.silentFor(LIMIT_MS)).toBe(false);
});
