import { expect, test } from "vitest";
import { runRounds } from "./rounds.ts";

test("after each of 500 crashes what was acknowledged is there and opens", { timeout: 1_800_000 }, async () => {
  const { acknowledged, faults } = await runRounds(500);
  expect(faults).toEqual([]);
  expect(acknowledged).toBeGreaterThan(500);
});
