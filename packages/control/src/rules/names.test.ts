import { assert, constantFrom, property, string, stringMatching } from "fast-check";
import { describe, expect, it } from "vitest";
import { checkBindingName, checkWorkerName, compareNames } from "./names.ts";

describe("a Worker's name", () => {
  it("is 1 to 63 of a-z, 0-9, _ and -, without a dash at either end", () => {
    assert(
      property(stringMatching(/^[a-z0-9_]([a-z0-9_-]{0,20}[a-z0-9_])?$/), (name) => {
        expect(checkWorkerName(name).ok).toBe(name !== "__proto__");
      }),
    );
    const bad = ["", "-a", "a-", "A", "a.b", "a b", "a/b", "a\n", "ä", "a".repeat(64), "__proto__"];
    expect(bad.filter((name) => checkWorkerName(name).ok)).toEqual([]);
  });

  it("that is refused is not echoed", () => {
    const refused = checkWorkerName("Evil Name");
    expect(refused.ok ? "" : refused.error.message).not.toContain("Evil");
  });
});

describe("a binding's name", () => {
  it.each(["A", "API_KEY", "a.b", "A@B", " ", "ü", "日本", "🔑", "x".repeat(255)])("may be %j", (name) => {
    expect(checkBindingName(name)).toEqual({ ok: true, value: name });
  });

  it.each([
    "\u0000",
    "a\nb",
    "\u007f",
    "\u0085",
    "\ud800",
    "\udc00x",
    "x".repeat(256),
    "__proto__",
    "\u202e",
    "\u2028",
    "\ufeff",
  ])("may not be %j", (name) => {
    const refused = checkBindingName(name);
    expect(refused.ok ? "" : refused.error.code).toBe("binding.name-invalid");
  });

  it("may not be empty", () => {
    const refused = checkBindingName("");
    expect(refused.ok ? "" : refused.error.code).toBe("binding.nameless");
  });
});

describe("names are ordered", () => {
  it("as the bytes of their UTF-8", () => {
    assert(
      property(string({ unit: "binary" }), string({ unit: "binary" }), (a, b) => {
        expect(Math.sign(compareNames(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
      { numRuns: 500 },
    );
  });

  it("also where UTF-16 has another order", () => {
    const names = constantFrom("\uffff", "\ue000", "\u{10000}", "\u{10ffff}", "\ud7ff", "a", "");
    assert(
      property(names, names, (a, b) => {
        expect(Math.sign(compareNames(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
    );
  });
});
