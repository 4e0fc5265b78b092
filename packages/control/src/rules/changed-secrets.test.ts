import { array, assert, constantFrom, property, record, uniqueArray } from "fast-check";
import type { Binding } from "@corral/base";
import { describe, expect, it } from "vitest";
import { changedNames, isGoingBack, secretDifferences } from "./changed-secrets.ts";

const text = (name: string, recordId: string): Binding => ({ type: "secret_text", name, recordId });
const key = (name: string, recordId: string, format = "raw"): Binding => ({
  type: "secret_key",
  name,
  recordId,
  format,
  algorithm: '{"name":"HMAC"}',
  usages: ["sign"],
});

/** Records with the same first letter hold the same value. */
const sameValue = (left: string, right: string): boolean => left[0] === right[0];
const changed = (left: readonly Binding[], right: readonly Binding[]): readonly string[] =>
  changedNames(secretDifferences(left, right), sameValue);

describe("secrets that differ between two versions", () => {
  it.each([
    ["the same record", [text("A", "x1")], [text("A", "x1")], []],
    ["another record with the same value", [text("A", "x1")], [text("A", "x2")], []],
    ["another value", [text("A", "x1")], [text("A", "y1")], ["A"]],
    ["one that was added and one that was removed", [text("A", "x1")], [text("B", "x1")], ["A", "B"]],
    ["another type", [text("A", "x1")], [key("A", "x1")], ["A"]],
    ["another use of a key", [key("A", "x1")], [key("A", "x1", "pkcs8")], ["A"]],
    ["variables do not count", [{ type: "plain_text", name: "V", text: "1" }], [], []],
  ] as const)("%s", (_, left, right, expected) => {
    expect(changed(left, right)).toEqual(expected);
  });

  it("are the same whichever way one looks, and none of a version against itself", () => {
    const binding = record({ name: constantFrom("A", "B", "C"), id: constantFrom("x1", "x2", "y1") });
    const version = uniqueArray(binding, { selector: ({ name }) => name }).map((all) =>
      all.map(({ name, id }) => text(name, id)),
    );
    assert(
      property(version, version, (left, right) => {
        expect(changed(left, right)).toEqual(changed(right, left));
        expect(changed(left, left)).toEqual([]);
      }),
    );
  });
});

describe("going back", () => {
  const head = {
    shares: [
      { versionId: "live", percentage: 80 },
      { versionId: "shadow", percentage: 0 },
    ],
  };

  it("is only to a version outside of the active deployment, older than its newest", () => {
    expect(isGoingBack(head, { versionId: "old", number: 1 }, 5)).toBe(true);
    expect(isGoingBack(head, { versionId: "live", number: 1 }, 5)).toBe(false);
    expect(isGoingBack(head, { versionId: "shadow", number: 1 }, 5)).toBe(false);
    expect(isGoingBack(head, { versionId: "newer", number: 6 }, 5)).toBe(false);
  });
});

it("a record whose fingerprint is not known counts as changed", () => {
  assert(
    property(array(constantFrom("A", "B"), { maxLength: 2 }), (names) => {
      const unique = [...new Set(names)];
      const left = unique.map((name) => text(name, `l${name}`));
      const right = unique.map((name) => text(name, `r${name}`));
      expect(changedNames(secretDifferences(left, right), () => false)).toEqual(unique.toSorted());
    }),
  );
});
