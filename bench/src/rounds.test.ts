import { expect, test } from "vitest";
import { formatTable, isMet, type Row } from "./rows.ts";
import { median, medianRatio, percentile, takeTurns } from "./rounds.ts";

test("the variants take turns, and the first round does not count", async () => {
  const calls: string[] = [];
  const measure = (name: string) => () => calls.push(name);
  const results = await takeTurns({ a: measure("a"), b: measure("b") }, 3);
  expect(calls.join("")).toBe("abababab");
  expect(results).toEqual({ a: [3, 5, 7], b: [4, 6, 8] });
});

test("a ratio is the median of the rounds' ratios, not the ratio of medians", () => {
  expect(medianRatio([10, 1, 40], [10, 10, 10])).toBe(1);
  expect(medianRatio([2, 100, 9], [1, 10, 3])).toBe(3);
});

test("percentiles are values that were measured, but for the median of an even count", () => {
  const values = [5, 1, 4, 2, 3];
  expect([percentile(values, 0), percentile(values, 50), percentile(values, 99), percentile(values, 100)]).toEqual([1, 3, 5, 5]);
  expect(
    percentile(
      Array.from({ length: 200 }, (_, index) => index + 1),
      99,
    ),
  ).toBe(198);
  expect(median([1, 2, 3, 10])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test("the table says what was promised and whether it held", () => {
  const rows: Row[] = [
    { name: "fast", value: 1.256, unit: "x", goal: { bound: "at most", value: 2 }, rounds: 9 },
    { name: "slow", value: 0.4, unit: "x", goal: { bound: "at least", value: 0.42 }, rounds: 9, note: "why" },
    { name: "shown", value: 12_345.6, unit: "1/s", rounds: 7 },
  ];
  expect(rows.map(isMet)).toEqual([true, false, undefined]);
  expect(formatTable(rows)).toBe(
    [
      "row    measured   goal               rounds",
      "fast   1.26 x     <= 2 x     met     9",
      "slow   0.40 x     >= 0.42 x  MISSED  9",
      "shown  12346 1/s                     7",
      "",
      "slow: why",
    ].join("\n"),
  );
});

test("a ratio that could not be measured meets no goal", () => {
  expect(isMet({ name: "none", value: Number.NaN, unit: "x", goal: { bound: "at least", value: 0 }, rounds: 0 })).toBe(false);
});
