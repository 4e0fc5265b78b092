import { array, assert, integer, property } from "fast-check";
import type { Share } from "@corral/base";
import { describe, expect, it } from "vitest";
import { checkShares } from "./shares.ts";
import { isFullyDeployed } from "./fully-deployed.ts";

const shares = (...percentages: readonly number[]): readonly Share[] =>
  percentages.map((percentage, at) => ({ versionId: `version ${at}`, percentage }));

function problemOf(split: readonly Share[], maxVersions = 2): string {
  const checked = checkShares(split, maxVersions);
  return checked.ok ? "none" : `${checked.error.code}: ${checked.error.params["problem"]}`;
}

describe("the shares of a deployment", () => {
  it.each([
    [[100]],
    [[0, 100]],
    [[20, 80]],
    [[99.999, 0.001]],
    [[33.333, 66.667]],
    [[33.333, 66.666]],
    [[50.0005 - 0.0005, 50]],
    [[99.999]],
  ])("may be %j", (split) => {
    expect(problemOf(shares(...split))).toBe("none");
  });

  it.each([
    [[], "it has no version"],
    [[50], "the percentages do not sum to 100"],
    [[99.998], "the percentages do not sum to 100"],
    [[60, 60], "the percentages do not sum to 100"],
    [[33.3333, 66.6667], "a percentage has more than three decimals"],
    [[-1, 101], "a percentage is not from 0 to 100"],
    [[Number.NaN, 100], "a percentage is not from 0 to 100"],
    [[Infinity], "a percentage is not from 0 to 100"],
    [[30, 30, 40], "it has more than 2 versions"],
  ])("may not be %j: %s", (split, problem) => {
    expect(problemOf(shares(...split))).toBe(`deployment.invalid: ${problem}`);
  });

  it("may not name a version twice", () => {
    const twice = [
      { versionId: "v", percentage: 50 },
      { versionId: "v", percentage: 50 },
    ];
    expect(problemOf(twice)).toBe("deployment.invalid: a version is in it twice");
  });

  it("that sum to 100 in thousandths are accepted and come back exact, as many as the limit allows", () => {
    assert(
      property(array(integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 5 }), (cuts) => {
        const ends = [...cuts.toSorted((a, b) => a - b), 100_000];
        const thousandths = ends.map((end, at) => end - (ends[at - 1] ?? 0));
        const checked = checkShares(shares(...thousandths.map((part) => part / 1000)), 6);
        if (!checked.ok) throw checked.error;
        expect(checked.value.map(({ percentage }) => Math.round(percentage * 1000))).toEqual(thousandths);
      }),
    );
  });
});

describe("the newest version is fully deployed", () => {
  it.each([
    ["alone at 100 %", [["new", 100]], true],
    [
      "beside others at 0 %",
      [
        ["old", 0],
        ["new", 100],
      ],
      true,
    ],
    [
      "not with a part of the traffic",
      [
        ["old", 80],
        ["new", 20],
      ],
      false,
    ],
    [
      "not at 0 %",
      [
        ["old", 100],
        ["new", 0],
      ],
      false,
    ],
    ["not when it is not deployed", [["old", 100]], false],
    ["not without a deployment", [], false],
  ] as const)("%s", (_, split, expected) => {
    const head = { newestVersionId: "new", shares: split.map(([versionId, percentage]) => ({ versionId, percentage })) };
    expect(isFullyDeployed(head)).toBe(expected);
  });

  it("not for a Worker without versions", () => {
    expect(isFullyDeployed({ newestVersionId: null, shares: [] })).toBe(false);
  });
});
