import { assert, integer, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { nextStamp } from "./stamps.ts";
import { checkTag, cutUtf8, keepMessage } from "./text.ts";

describe("a message", () => {
  it("is cut between characters, to the longest piece that fits", () => {
    assert(
      property(string({ unit: "grapheme" }), integer({ min: 4, max: 40 }), (text, limit) => {
        const cut = cutUtf8(text, limit);
        expect(text.startsWith(cut)).toBe(true);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(limit);
        expect(cut.isWellFormed()).toBe(true);
        const next = String.fromCodePoint(text.codePointAt(cut.length) ?? 0);
        expect(cut === text || Buffer.byteLength(cut + next) > limit).toBe(true);
      }),
    );
  });

  it("that is empty is none", () => {
    expect(keepMessage("", 10)).toBeNull();
    expect(keepMessage(null, 10)).toBeNull();
    expect(keepMessage("half \ud800", 100)).toBe("half \ufffd");
  });
});

describe("a tag", () => {
  it("has at most 100 bytes and is whole", () => {
    expect(checkTag("v1", 100)).toEqual({ ok: true, value: "v1" });
    expect(checkTag("", 100)).toEqual({ ok: true, value: null });
    expect(checkTag("é".repeat(51), 100).ok).toBe(false);
    expect(checkTag("\ud800", 100).ok).toBe(false);
  });
});

describe("times of one Worker", () => {
  it("only grow, whatever the clock does", () => {
    assert(
      property(integer({ min: 0, max: 4e12 }), integer({ min: -5000, max: 5000 }), (now, step) => {
        const first = nextStamp(now, undefined);
        const second = nextStamp(Math.max(0, now + step), first);
        expect(second > first).toBe(true);
        expect(second).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      }),
    );
  });

  it("carry over a full second", () => {
    expect(nextStamp(0, "2026-11-25T23:59:59.999999Z")).toBe("2026-11-26T00:00:00.000000Z");
  });
});
