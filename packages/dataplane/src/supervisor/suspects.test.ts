import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createNamedWorkers } from "./named-workers.ts";
import { createSuspects } from "./suspects.ts";

function clockAt(): { now: () => number; monotonic: () => number; pass: (ms: number) => void } {
  let time = 0;
  return { now: () => time, monotonic: () => time, pass: (ms) => (time += ms) };
}

test("a Worker named before two hangs within the window is convicted, one apart is not", () => {
  const clock = clockAt();
  const convicted: string[] = [];
  const suspects = createSuspects(clock, (worker) => convicted.push(worker));
  expect(suspects.watching).toBe(false);
  suspects.hung(undefined);
  expect(suspects.watching).toBe(true);
  suspects.hung("a");
  clock.pass(9 * 60_000);
  suspects.hung("b");
  expect(convicted).toEqual([]);
  suspects.hung("a");
  expect(convicted).toEqual(["a"]);
  clock.pass(10 * 60_000);
  expect(suspects.watching).toBe(false);
  suspects.hung("b");
  expect(convicted).toEqual(["a"]);
});

test("the Worker named last is found however the output is cut", () => {
  const id = (digit: number): string => "00000000-0000-0000-0000-00000000000x".replace("x", String(digit));
  const lines = fc.array(
    fc.oneof(
      fc.nat(9).map((digit) => `MARK ${id(digit)}\n`),
      fc.string(),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(lines, fc.array(fc.nat(60), { maxLength: 8 }), fc.nat(9), (noise, cuts, digit) => {
      const text = Buffer.from(`${noise.join("")}MARK ${id(digit)}\nafter it`);
      const named = createNamedWorkers("MARK ");
      let at = 0;
      for (const cut of cuts) {
        named.take(text.subarray(at, at + cut));
        at += cut;
      }
      named.take(text.subarray(at));
      expect(named.last).toBe(id(digit));
    }),
  );
});
