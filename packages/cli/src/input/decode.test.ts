import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeValue } from "./decode.ts";

const decode = (bytes: string | Uint8Array, raw = false) => decodeValue(Buffer.from(bytes), raw);

describe("line ends", () => {
  test.each([
    ["value\n", "value"],
    ["value\r\n", "value"],
    ["value \n", "value "],
    ["value\n\n", "value\n"],
    ["-----BEGIN X-----\na\n-----END X-----\n", "-----BEGIN X-----\na\n-----END X-----"],
  ])("of %j one is taken off", (bytes, text) => {
    expect(decode(bytes)).toMatchObject({ text });
    expect(decode(bytes)).toHaveProperty("findings", expect.arrayContaining(["removed one line end at the end"]));
  });

  test("raw keeps all of it", () => {
    expect(decode("value\n", true)).toMatchObject({ text: "value\n" });
    expect(decode("\uFEFFvalue\r\n", true)).toMatchObject({ text: "\uFEFFvalue\r\n" });
  });

  test("CRLF inside is kept, and told", () => {
    expect(decode("long-one\r\nlong-two\n")).toMatchObject({
      text: "long-one\r\nlong-two",
      lines: 2,
      findings: ["removed one line end at the end", "contains CRLF line ends"],
    });
  });
});

describe("encodings", () => {
  test("a byte order mark goes, and is told", () => {
    expect(decode("\uFEFFvalue-of-it")).toMatchObject({ text: "value-of-it", findings: ["removed a byte order mark"] });
  });

  const utf16 = (text: string, bigEndian = false) => {
    const bytes = Buffer.from(text, "utf16le");
    return bigEndian ? bytes.swap16() : bytes;
  };

  test.each([
    ["little-endian with a mark", utf16("\uFEFFvalue-of-it\r\n")],
    ["big-endian with a mark", utf16("\uFEFFvalue-of-it\r\n", true)],
    ["little-endian without", utf16("value-of-it\r\n")],
    ["big-endian without", utf16("value-of-it\r\n", true)],
  ])("UTF-16 %s is decoded", (_name, bytes) => {
    const decoded = decode(bytes);
    expect(decoded).toMatchObject({ text: "value-of-it" });
    expect(decoded).toHaveProperty("findings", expect.arrayContaining(["decoded UTF-16", "removed one line end at the end"]));
  });

  test("what is no UTF-8 and what holds NUL is refused", () => {
    expect(decode(Uint8Array.of(0x61, 0xff, 0x62))).toBe("not-utf8");
    expect(decode("a\0b")).toBe("nul");
    expect(decode("a\0b", true)).toBe("nul");
    expect(decode("")).toBe("empty");
    expect(decode("\n")).toBe("empty");
  });
});

test.each([
  ["-----BEGIN RSA PRIVATE KEY-----\nx", "looks like a PEM private key"],
  ["changeme", "looks like a placeholder"],
  ["your-api-key-here", "looks like a placeholder"],
  ["sk_test_...", "looks like a placeholder"],
  ["seven77", "shorter than 8 bytes: not covered by log redaction"],
])("%j is remarked on", (text, finding) => {
  expect(decode(text)).toHaveProperty("findings", expect.arrayContaining([finding]));
});

test("any text without NUL comes back as it was, but for one line end", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (text) => {
      fc.pre(!text.includes("\0") && !text.startsWith("\uFEFF") && text.isWellFormed());
      expect(decode(text, true)).toMatchObject({ text });
      const decoded = decode(`${text}\n`);
      expect(decoded).toMatchObject({ text: text.endsWith("\r") ? text.slice(0, -1) : text });
    }),
  );
});
