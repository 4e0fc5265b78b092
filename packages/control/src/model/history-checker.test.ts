import { describe, expect, it } from "vitest";
import { type Call, type Ended, isLinearizable } from "./history-checker.ts";

const put = (name: string, value: string): Call => ({ kind: "put", name, value });
const list = (...names: readonly string[]): Call => ({ kind: "list", names });
const read = (secrets: Readonly<Record<string, string>>): Call => ({ kind: "read", secrets: new Map(Object.entries(secrets)) });
const at = (began: number, ended: number, call: Call): Ended => ({ began, ended, call });

function holds(...history: readonly Ended[]): boolean {
  return isLinearizable(history, new Map());
}

describe("a history is linearizable", () => {
  it("when each call saw what was done before it", () => {
    expect(
      holds(at(1, 2, put("A", "1")), at(3, 4, list("A")), at(5, 6, { kind: "delete", name: "A", found: true }), at(7, 8, list())),
    ).toBe(true);
  });

  it("when calls that overlap can be put in an order", () => {
    expect(holds(at(1, 6, put("A", "1")), at(2, 3, list()), at(4, 5, list("A")))).toBe(true);
    expect(holds(at(1, 4, put("A", "1")), at(2, 5, put("A", "2")), at(6, 7, read({ A: "1" })))).toBe(true);
  });

  it("not when a list is older than a write that had ended: a stale read", () => {
    expect(holds(at(1, 2, put("A", "1")), at(3, 4, list()))).toBe(false);
  });

  it("not when a later list forgets what an earlier one saw", () => {
    expect(holds(at(1, 8, put("A", "1")), at(2, 3, list("A")), at(4, 5, list()))).toBe(false);
  });

  it("not when a write was lost", () => {
    expect(holds(at(1, 4, put("A", "1")), at(2, 3, put("B", "2")), at(5, 6, list("A")))).toBe(false);
  });

  it("not when a bulk was seen in part", () => {
    const changes = new Map([
      ["A", "1"],
      ["B", "2"],
    ]);
    expect(holds(at(1, 4, { kind: "bulk", changes }), at(2, 3, list("A")))).toBe(false);
  });

  it("not when a delete found what was gone", () => {
    const found: Call = { kind: "delete", name: "A", found: true };
    expect(holds(at(1, 2, put("A", "1")), at(3, 6, found), at(4, 5, found))).toBe(false);
  });
});
