import { assert, jsonValue, property, string } from "fast-check";
import { serialize } from "node:v8";
import { describe, expect, it } from "vitest";
import { countEnv, countJson, countText } from "./env-size.ts";

/** Node's own serialiser is V8's, as workerd's is; its header is two bytes. */
const serialised = (value: unknown): number => serialize(value).length - 2;

describe("a value's size as workerd counts it", () => {
  it("doubles once one character is beyond Latin-1", () => {
    expect(countText("a".repeat(1000))).toBe(1008);
    expect(countText("é".repeat(1000))).toBe(1008);
    expect(countText(`${"a".repeat(999)}€`)).toBe(2008);
    expect(countText("🔑")).toBe(12);
  });

  it("is never less than V8 writes, and not much more, for text", () => {
    assert(
      property(string({ unit: "binary", maxLength: 300 }), (text) => {
        expect(countText(text)).toBeGreaterThanOrEqual(serialised(text));
        expect(countText(text)).toBeLessThanOrEqual(serialised(text) + 8);
      }),
    );
  });

  it("is never less than V8 writes for JSON", () => {
    assert(
      property(jsonValue(), (value) => {
        expect(countJson(value)).toBeGreaterThanOrEqual(serialised(value));
      }),
    );
  });

  it("is never less than V8 writes for a whole env", () => {
    const sizes = { record: () => countText("secret €"), part: () => 100, parse: (json: string): unknown => JSON.parse(json) };
    const bindings = [
      { type: "json", name: "J", json: '{"a":[1,2.5,"x"]}' },
      { type: "plain_text", name: "T", text: "hello" },
      { type: "secret_text", name: "S€", recordId: "r" },
      { type: "data_blob", name: "D", part: "d" },
    ] as const;
    const env = { J: { a: [1, 2.5, "x"] }, T: "hello", "S€": "secret €", D: new Uint8Array(100).buffer };
    expect(countEnv(bindings, sizes)).toBeGreaterThanOrEqual(serialised(env));
  });
});
