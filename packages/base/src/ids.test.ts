import { describe, expect, test } from "vitest";
import { hexToUuid, isAccountId, isUuid, newAccountId, newUuid, uuidToHex } from "./ids.ts";
import { systemRandom } from "./random.ts";
import { safeId } from "./safe-text.ts";

describe("ids", () => {
  test("a new uuid is of version 4 and variant 1, whatever the bytes", () => {
    for (const byte of [0x00, 0xff, 0x5a]) {
      const id = newUuid({ bytes: (length) => new Uint8Array(length).fill(byte) });
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(isUuid(id)).toBe(true);
    }
  });

  test("a uuid and its 32 digits are the same id", () => {
    const id = newUuid(systemRandom);
    expect(uuidToHex(id)).toMatch(/^[0-9a-f]{32}$/);
    expect(hexToUuid(uuidToHex(id))).toBe(id);
  });

  test("an account is 32 digits", () => {
    const account = newAccountId(systemRandom);
    expect(isAccountId(account)).toBe(true);
    expect(account).not.toBe(newAccountId(systemRandom));
  });

  test.each([
    "",
    "11111111-2222-4333-8444-55555555555",
    "11111111-2222-4333-8444-5555555555555",
    "11111111222243338444555555555555",
  ])("%j is no uuid", (text) => expect(isUuid(text)).toBe(false));

  test("capitals, spaces and line ends are no part of an id", () => {
    const id = newUuid(systemRandom);
    for (const text of [id.toUpperCase(), ` ${id}`, `${id}\n`]) expect([isUuid(text), isAccountId(text)]).toEqual([false, false]);
    expect(isAccountId(`${"a".repeat(32)}\n`)).toBe(false);
  });

  test("only an id may be shown as one", () => {
    expect(safeId("a".repeat(32))).toBe("a".repeat(32));
    expect(() => safeId("a secret")).toThrow("internal");
    expect(() => safeId(`${"a".repeat(32)}\n`)).toThrow("internal");
  });
});

test("the system's randomness does not repeat", () => {
  const [a, b] = [systemRandom.bytes(32), systemRandom.bytes(32)];
  expect([a.length, b.length]).toEqual([32, 32]);
  expect(a).not.toEqual(b);
});
