import { inspect } from "node:util";
import { serialize } from "node:v8";
import { expect, test } from "vitest";
import { Redacted } from "./redacted.ts";

const VALUE = "canary-3f9a1c77";

test("a redacted value comes out through reveal, and as itself", () => {
  const object = { nested: true };
  expect(new Redacted(VALUE).reveal()).toBe(VALUE);
  expect(new Redacted(object).reveal()).toBe(object);
});

test("no other way shows it", () => {
  const secret = new Redacted(VALUE);
  const holder = { secret, list: [secret], map: new Map([["k", secret]]) };
  const error = Object.assign(new Error("failed", { cause: secret }), { secret });
  const shown = [
    String(secret),
    `a template: ${secret as unknown as string}`,
    JSON.stringify(holder),
    inspect(secret),
    inspect(holder, { showHidden: true, depth: 9, customInspect: false }),
    inspect(error, { showHidden: true }),
    JSON.stringify(Object.getOwnPropertyDescriptors(secret)),
    JSON.stringify(Object.assign({}, secret)),
    JSON.stringify(structuredClone(secret)),
    serialize(secret).toString("latin1"),
    new URLSearchParams({ secret: secret as unknown as string }).toString(),
    Object.keys(secret).join(),
  ].join("\n");
  expect(shown).not.toContain(VALUE.slice(0, 6));
  expect(shown).toContain("[REDACTED]");
});

test("it cannot be given another value, nor another way out", () => {
  const secret = new Redacted(VALUE);
  expect(Object.isFrozen(secret)).toBe(true);
  expect(() => Object.assign(secret, { reveal: () => "other" })).toThrow(TypeError);
});

test("two with different values are not equal in a test", () => {
  expect(new Redacted("a")).not.toEqual(new Redacted("b"));
  expect({ value: new Redacted("a") }).toEqual({ value: new Redacted("a") });
  expect(new Redacted("a")).not.toEqual({});
});
