import * as fc from "fast-check";
import { expect, test } from "vitest";
import { affinityPoint } from "./affinity.ts";
import { chooseIsolate } from "./choose.ts";
import { hostName, looksLikePreview } from "./host.ts";
import type { Route } from "./protocol.ts";
import { RouteTable } from "./table.ts";

function routeOf(shares: readonly number[], workerId = "w"): Route {
  let sum = 0;
  return {
    workerId,
    accountId: "a",
    name: "worker",
    hosts: [`${workerId}.localhost`],
    isolates: shares.map((_, at) => ({ versionId: `v${at}`, isolate: `i${at}` })),
    thresholds: shares.map((share) => (sum += share)),
  };
}

const headers = (given: Record<string, string>) => ({ get: (name: string) => given[name] ?? null });
const choose = (route: Route, key: string) =>
  chooseIsolate(route, headers({ "cloudflare-workers-version-key": key }), () => 0)?.versionId;

test("keys are spread evenly", () => {
  const buckets = Array.from({ length: 20 }, () => 0);
  const count = 20_000;
  for (let at = 0; at < count; at += 1) {
    const bucket = Math.floor(affinityPoint("worker-id", String(at)) / 5);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  const expected = count / buckets.length;
  const deviation = buckets.reduce((sum, found) => sum + (found - expected) ** 2 / expected, 0);
  // Chi-square, 19 degrees of freedom, one in 10,000.
  expect(deviation).toBeLessThan(51);
});

test("where keys fall is part of what Corral promises", () => {
  expect(["", "user-1", "user-2", "ключ"].map((key) => affinityPoint("w", key).toFixed(6))).toMatchInlineSnapshot(`
    [
      "55.691875",
      "62.638612",
      "41.589859",
      "4.176108",
    ]
  `);
});

test("while the newest version's share grows, no key leaves it", () => {
  const share = fc.double({ min: 0, max: 100, noNaN: true });
  const stays = fc.property(fc.string(), share, share, (key, a, b) => {
    const [less, more] = a < b ? [a, b] : [b, a];
    return choose(routeOf([less, 100 - less]), key) !== "v0" || choose(routeOf([more, 100 - more]), key) === "v0";
  });
  expect(fc.check(stays, { numRuns: 1_000 }).failed).toBe(false);
});

test("a version with a share of 0 is never chosen by chance or key, whatever the shares sum to", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.string(), (chance, key) => {
      for (const shares of [
        [0, 100],
        [100, 0],
        [0, 99.999, 0],
        [33.333, 33.333, 33.333, 0],
      ]) {
        const route = routeOf(shares);
        const byChance = chooseIsolate(route, headers({}), () => chance)?.versionId;
        for (const chosen of [byChance, choose(route, key)]) expect(shares[Number(chosen?.slice(1))]).toBeGreaterThan(0);
      }
    }),
  );
});

test("a Worker without a deployment has no isolate to choose", () => {
  expect(chooseIsolate(routeOf([]), headers({}), () => 0)).toBeUndefined();
});

test("a host is read without port, root dot and case", () => {
  expect(["Hello.LocalHost:7788", "hello.localhost.", "hello.localhost", null, "[::1]:80"].map(hostName)).toEqual([
    "hello.localhost",
    "hello.localhost",
    "hello.localhost",
    "",
    "[",
  ]);
  expect(["0123abcd-x.localhost", "0123abc-x.localhost", "hello.localhost"].map(looksLikePreview)).toEqual([true, false, false]);
});

test("the table follows its pushes: whole, changed, removed, and a host that changes hands", () => {
  const table = new RouteTable();
  expect(table.revision).toBe(0);
  const [one, two] = [routeOf([100], "one"), routeOf([100], "two")];
  table.apply({ revision: 5, whole: true, routes: [one, two], removed: [] });
  expect([table.revision, table.atHost("one.localhost"), table.named("a", "worker")]).toEqual([5, one, two]);
  const taken = { ...two, hosts: ["one.localhost"] };
  table.apply({ revision: 6, whole: false, routes: [taken], removed: [] });
  expect([table.atHost("one.localhost"), table.atHost("two.localhost")]).toEqual([taken, undefined]);
  table.apply({ revision: 7, whole: false, routes: [], removed: ["one", "never"] });
  expect(table.atHost("one.localhost")).toBe(taken);
  table.apply({ revision: 8, whole: true, routes: [], removed: [] });
  expect([table.revision, table.atHost("one.localhost"), table.ofWorker("two")]).toEqual([8, undefined, undefined]);
});
