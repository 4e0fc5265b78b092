import { assert, integer, property, uniqueArray } from "fast-check";
import type { Binding } from "@corral/base";
import { describe, expect, it } from "vitest";
import { isRetained, staleDeployments, unboundRecords } from "./retention.ts";

const secret = (recordId: string): Binding => ({ type: "secret_text", name: recordId, recordId });

describe("retention", () => {
  const head = { newestNumber: 150, shares: [{ versionId: "live", percentage: 0 }] };

  it.each([
    ["the newest", { versionId: "v", number: 150 }, true],
    ["the hundredth", { versionId: "v", number: 51 }, true],
    ["the one before", { versionId: "v", number: 50 }, false],
    ["one of the active deployment, also at 0 %", { versionId: "live", number: 1 }, true],
  ] as const)("keeps %s or not", (_, version, kept) => {
    expect(isRetained(head, version, 100)).toBe(kept);
  });

  it("destroys exactly the records that no retained version binds", () => {
    const ids = uniqueArray(integer({ min: 0, max: 9 }));
    const version = ids.map((all) => ({ versionId: "v", bindings: all.map((id) => secret(`r${id}`)) }));
    assert(
      property(version, version, version, (a, b, c) => {
        const bound = (...versions: readonly (typeof a)[]) =>
          new Set(versions.flatMap(({ bindings }) => bindings.map(({ name }) => name)));
        const kept = bound(c);
        const expected = [...bound(a, b)].filter((id) => !kept.has(id)).toSorted();
        expect([...unboundRecords([a, b], [c])].toSorted()).toEqual(expected);
      }),
    );
  });

  it("drops deployments beyond the limit or of versions that are gone, never the active one", () => {
    const deployments = ["d5", "d4", "d3", "d2", "d1"].map((deploymentId, at) => ({
      deploymentId,
      shares: [{ versionId: `v${at}`, percentage: 100 }],
    }));
    expect(staleDeployments(deployments, "d5", new Set(), 3)).toEqual(["d2", "d1"]);
    expect(staleDeployments(deployments, "d1", new Set(["v0", "v4"]), 10)).toEqual(["d5"]);
  });
});
