import { isCorralError } from "@corral/base";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findBoundary } from "./boundary.ts";
import { parseMultipart, type Part } from "./parse.ts";

interface Written {
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
  readonly bytes: Uint8Array;
}

const quote = (name: string) => name.replaceAll("\\", "\\\\").replaceAll('"', '\\"');

function write(parts: readonly Written[], boundary: string, newline: string): Buffer {
  const pieces: Buffer[] = [];
  for (const part of parts) {
    const file = part.filename === undefined ? "" : `; filename="${quote(part.filename)}"`;
    const type = part.contentType === undefined ? "" : `${newline}Content-Type: ${part.contentType}`;
    const head = `--${boundary}${newline}Content-Disposition: form-data; name="${quote(part.name)}"${file}${type}${newline}${newline}`;
    pieces.push(Buffer.from(head), Buffer.from(part.bytes), Buffer.from(newline));
  }
  pieces.push(Buffer.from(`--${boundary}--${newline}`));
  return Buffer.concat(pieces);
}

const read = ({ name, filename, contentType, bytes }: Part) => ({
  name,
  filename,
  contentType,
  text: Buffer.from(bytes).toString("latin1"),
});
const printable = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !/[\r\n\0%]/.test(text));
const boundaries = fc.stringMatching(/^[-\w'()+,./:=?]{1,60}[\w]$/);
/** Bytes that are made to look like delimiters. */
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .array(fc.constantFrom("\r", "\n", "-", "--", "\r\n--", "x", "\r\n--b", "\n--"), { maxLength: 30 })
    .map((list) => Buffer.from(list.join(""))),
);
const someParts = fc.array(
  fc.record({
    name: printable,
    filename: fc.option(printable, { nil: undefined }),
    contentType: fc.constantFrom(undefined, "text/plain", "application/javascript+module", "application/octet-stream; x=Y"),
    bytes: bodies,
  }),
  { maxLength: 6 },
);

test("what was written is read back, bytes, names and content types, with either line end", () => {
  fc.assert(
    fc.property(someParts, boundaries, fc.constantFrom("\r\n", "\n"), (parts, boundary, newline) => {
      fc.pre(parts.every((part) => !Buffer.from(part.bytes).toString("latin1").includes(`--${boundary}`)));
      const body = write(parts, boundary, newline);
      const expected = parts.map((part) => read(part));
      expect(parseMultipart(body, boundary).map(read)).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

function outcome(body: Uint8Array): string {
  try {
    parseMultipart(body, "xyz");
    return "read";
  } catch (error) {
    return isCorralError(error) ? error.code : String(error);
  }
}

test("no mutation of a body does anything but be read or be refused in one way", () => {
  const body = write(
    [
      { name: "metadata", filename: undefined, contentType: undefined, bytes: Buffer.from("{}") },
      { name: "a.js", filename: "a.js", contentType: "application/javascript+module", bytes: Buffer.from("export {}") },
    ],
    "xyz",
    "\r\n",
  );
  const edit = fc.record({
    at: fc.nat(body.length),
    drop: fc.nat(40),
    put: fc.constantFrom("", "\r\n", "\n", "--xyz", "--xyz--", '"', "\0", ":"),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let mutated = body;
      for (const { at, drop, put } of edits) {
        mutated = Buffer.concat([mutated.subarray(0, at), Buffer.from(put), mutated.subarray(at + drop)]);
      }
      expect(outcome(mutated)).toMatch(/^(?:read|request\.unparsable)$/);
    }),
    { numRuns: 500 },
  );
});

test("a boundary that begins another one does not end a part", () => {
  const body = write(
    [{ name: "a", filename: undefined, contentType: undefined, bytes: Buffer.from("one\r\n--bb\r\ntwo") }],
    "b",
    "\r\n",
  );
  expect(parseMultipart(body, "b").map(read)).toMatchObject([{ text: "one\r\n--bb\r\ntwo" }]);
});

test("a preamble and an epilogue are passed over", () => {
  const body = Buffer.concat([Buffer.from("preamble\r\n"), write([], "b", "\r\n"), Buffer.from("epilogue")]);
  expect(parseMultipart(body, "b")).toEqual([]);
});

const onePart = (disposition: string) => Buffer.from(`--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\nx\r\n--b--`);

const names = (disposition: string) => parseMultipart(onePart(disposition), "b").map(({ name, filename }) => [name, filename]);

test("names are read from quotes, from percent signs as undici writes them, and from RFC 8187", () => {
  expect(names('name="a%22b"; filename="c\\"d"')).toEqual([['a"b', 'c"d']]);
  expect(names("name=plain; filename=also")).toEqual([["plain", "also"]]);
  expect(names("name=\"å\"; filename=x; filename*=UTF-8''%C3%A5.js")).toEqual([["å", "å.js"]]);
});

test.each([
  ["multipart/form-data; boundary=abc", "", "abc"],
  ['multipart/form-data; boundary="a b"', "", "a b"],
  ["multipart/form-data;boundary=----x", "", "----x"],
  ["Multipart/Form-Data; charset=utf-8; Boundary=abc", "", "abc"],
  ["application/javascript", '--abc\r\nContent-Disposition: form-data; name="x"\r\n', "abc"],
  ["application/javascript", '--abc\nContent-Disposition: form-data; name="x"\n', "abc"],
  [undefined, "--abc\r\ncontent-type: text/plain\r\n", "abc"],
  ["application/javascript", "--x;\nexport default {}", undefined],
  ["application/json", "{}", undefined],
])("the boundary of %j with the body %j is %j", (contentType, body, boundary) => {
  expect(findBoundary(contentType, Buffer.from(body))).toBe(boundary);
});

test("4000 parts are the most that is read", () => {
  const part = { name: "a", filename: undefined, contentType: undefined, bytes: Buffer.from("x") };
  const parts = Array.from({ length: 4001 }, () => part);
  expect(parseMultipart(write(parts.slice(1), "b", "\r\n"), "b")).toHaveLength(4000);
  expect(() => parseMultipart(write(parts, "b", "\r\n"), "b")).toThrow("Could not parse the request body.");
});
