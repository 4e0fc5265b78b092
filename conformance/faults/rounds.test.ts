import { expect, test } from "vitest";
import { runRounds } from "./rounds.ts";

test(
  "after each of 50 crashes what was acknowledged is there and opens, and all else is whole or absent",
  { timeout: 240_000 },
  async () => {
    const { rounds, acknowledged, faults } = await runRounds(50);
    expect(faults).toEqual([]);
    expect(Math.min(...Object.values(rounds))).toBeGreaterThanOrEqual(12);
    expect(acknowledged).toBeGreaterThan(50);
  },
);
