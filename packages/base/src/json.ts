/**
 * JSON from outside. The one reader of foreign JSON in Corral: what it refuses, it refuses with a place and fixed
 * words, never with an excerpt, because the text may be a file of secrets.
 *
 * JSON.parse does the work and `findMistake` explains what it refused; a count tells whether a key was there twice:
 * as many colons outside strings as members in the result means that none was lost.
 */
import { fromUtf8 } from "./bytes.ts";
import { findMistake, type ScanOptions } from "./json-scan.ts";
import { err, ok, type Result } from "./result.ts";
import { ownWord, type SafeText } from "./safe-text.ts";

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Lines and columns from 1; columns in UTF-16 units, as editors count. */
export interface JsonPosition {
  readonly line: number;
  readonly column: number;
}

/** Fits the parameters of "request.json-invalid". */
// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature and would not fit `params`
export type JsonProblem = {
  readonly problem: SafeText;
  readonly line: number;
  readonly column: number;
};

export interface JsonOptions {
  /** Objects and arrays inside one another; 64 unless given. */
  readonly maxDepth?: number;
}

/** Where the members of the outermost object are. A value that is no object has no members. */
export interface JsonPositions {
  readonly root: JsonPosition;
  readonly members: ReadonlyMap<string, { readonly key: JsonPosition; readonly value: JsonPosition }>;
}

const DEFAULT_MAX_DEPTH = 64;
/** A body of `{},{},…` takes 20 times its size once parsed; this keeps one of 8 MiB under 60 MB. */
const MAX_VALUES = 1_000_000;
const BYTE_ORDER_MARK = "\uFEFF";

/**
 * Refuses what JSON.parse refuses, and: a key twice in one object (compared unescaped), `__proto__` as a key, too deep
 * nesting, more than a million values, bytes that are not UTF-8. A byte order mark at the start is skipped. Lone
 * surrogates and NUL in strings are kept: the caller's schema judges strings.
 */
export function parseJson(input: string | Uint8Array, options: JsonOptions = {}): Result<JsonValue, JsonProblem> {
  const text = decode(input);
  if (!text.ok) return text;
  return parseText(text.value, { maxDepth: options.maxDepth ?? DEFAULT_MAX_DEPTH });
}

/** As `parseJson`, with the positions that a report about the outermost object's members needs. */
export function parseJsonWithPositions(
  input: string | Uint8Array,
  options: JsonOptions = {},
): Result<{ readonly value: JsonValue; readonly positions: JsonPositions }, JsonProblem> {
  const decoded = decode(input);
  if (!decoded.ok) return decoded;
  const text = decoded.value;
  const maxDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
  const parsed = parseText(text, { maxDepth });
  if (!parsed.ok) return parsed;
  const members = new Map<string, { key: JsonPosition; value: JsonPosition }>();
  const locate = locator(text);
  const root = locate(text.search(/[^ \t\r\n]/));
  findMistake(text, {
    maxDepth,
    onMember: (key, keyAt, valueAt) => members.set(key, { key: locate(keyAt), value: locate(valueAt) }),
  });
  return ok({ value: parsed.value, positions: { root, members } });
}

function parseText(text: string, options: ScanOptions): Result<JsonValue, JsonProblem> {
  const shape = outline(text);
  if (shape.depth > options.maxDepth) return explain(text, options);
  if (shape.values > MAX_VALUES) return err({ problem: ownWord("more than a million values"), line: 1, column: 1 });
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return explain(text, options);
  }
  return countMembers(value) === shape.colons ? ok(value) : explain(text, options);
}

function explain(text: string, options: ScanOptions): { readonly ok: false; readonly error: JsonProblem } {
  const mistake = findMistake(text, options) ?? { problem: "not valid JSON", at: 0 };
  return err({ problem: ownWord(mistake.problem), ...locator(text)(mistake.at) });
}

/** Right for valid JSON; for other text some numbers that JSON.parse makes irrelevant, at a bounded cost. */
function outline(text: string): { readonly depth: number; readonly colons: number; readonly values: number } {
  let depth = 0;
  let deepest = 0;
  let colons = 0;
  let values = 1;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at);
        break;
      case 0x3a: // :
        colons += 1;
        break;
      case 0x2c: // ,
        values += 1;
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        values += 1;
        if (depth > deepest) deepest = depth;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
      default:
    }
  }
  return { depth: deepest, colons, values };
}

/** The closing quote of the string that opens at `start`; the end of the text if there is none. */
function endOfString(text: string, start: number): number {
  let at = start;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
}

/** Members of all objects in it; NaN if one is `__proto__`. The depth is bounded by `outline`. */
function countMembers(value: JsonValue): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (isArray(value)) {
    for (const item of value) count += countMembers(item);
    return count;
  }
  for (const key of Object.keys(value)) {
    if (key === "__proto__") return Number.NaN;
    count += 1 + countMembers(value[key] ?? null);
  }
  return count;
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function decode(input: string | Uint8Array): Result<string, JsonProblem> {
  let text: string;
  try {
    text = typeof input === "string" ? input : fromUtf8(input);
  } catch {
    const before = longestUtf8Prefix(input as Uint8Array);
    return err({ problem: ownWord("not UTF-8"), ...locator(before)(before.length) });
  }
  return ok(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
}

/** What can be read before the first byte that is not UTF-8, without a byte order mark. */
function longestUtf8Prefix(bytes: Uint8Array): string {
  const read = (end: number): string | undefined => {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes.subarray(0, end), { stream: true });
    } catch {
      return undefined;
    }
  };
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (read(middle) === undefined) bad = middle;
    else good = middle;
  }
  return read(good) ?? "";
}

/** Turns offsets into positions; cheap when they are asked for in ascending order. A line ends with LF, CR LF or CR. */
function locator(text: string): (offset: number) => JsonPosition {
  let line = 1;
  let lineStart = 0;
  let at = 0;
  return (offset) => {
    for (; at < offset; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a)) {
        line += 1;
        lineStart = at + 1;
      }
    }
    return { line, column: offset - lineStart + 1 };
  };
}
