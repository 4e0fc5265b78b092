import * as fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock, timestamp } from "./clock.ts";

test("a time is ISO 8601 with microseconds, in UTC", () => {
  expect(timestamp(0)).toBe("1970-01-01T00:00:00.000000Z");
  expect(timestamp(1_767_225_600_123)).toBe("2026-01-01T00:00:00.123000Z");
});

test("times sort as their texts do", () => {
  const time = fc.nat({ max: 4_102_444_800_000 });
  fc.assert(
    fc.property(time, time, (a, b) => {
      expect(timestamp(a) < timestamp(b)).toBe(a < b);
    }),
  );
});

test("the system's clock is the wall's, and its other hand never goes back", () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
  const before = systemClock.monotonic();
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before);
});
