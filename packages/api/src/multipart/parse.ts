/**
 * multipart/form-data as the clients of this API really send it (wire.md 5.2, other-clients.md 6.10): CR LF or bare LF
 * line ends, any boundary, quoted or not, in the header or only in the body. Parts are views of the body, not copies;
 * their names and content types are kept verbatim, because content/v2 gives them back.
 */
import { CorralError } from "@corral/base";

export interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  /** Verbatim; undefined when the part has none. */
  readonly contentType: string | undefined;
  readonly bytes: Uint8Array;
}

const MOST_PARTS = 4000;
const MOST_HEADER_BYTES = 8192;
const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;

/** Throws request.unparsable. */
export function parseMultipart(body: Uint8Array, boundary: string): readonly Part[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const parts: Part[] = [];
  let at = firstDelimiter(bytes, boundary);
  for (;;) {
    at += boundary.length + 2;
    if (bytes[at] === DASH && bytes[at + 1] === DASH) return parts;
    const lineEnd = bytes.indexOf(LF, at);
    if (lineEnd < 0 || parts.length === MOST_PARTS) throw broken();
    const newline = bytes[lineEnd - 1] === CR ? "\r\n" : "\n";
    if (bytes.toString("latin1", at, lineEnd).trim() !== "") throw broken();
    const headers = readHeaders(bytes, lineEnd + 1);
    const end = nextDelimiter(bytes, boundary, headers.end, newline);
    parts.push(toPart(headers.lines, bytes.subarray(headers.end, Math.max(headers.end, end))));
    at = end + newline.length;
  }
}

function firstDelimiter(bytes: Buffer, boundary: string): number {
  const delimiter = `--${boundary}`;
  if (bytes.subarray(0, delimiter.length).equals(Buffer.from(delimiter, "latin1"))) return 0;
  const found = bytes.indexOf(`\n${delimiter}`, 0, "latin1");
  if (found < 0) throw broken();
  return found + 1;
}

/** Where the part's bytes end. The line end before a delimiter belongs to the delimiter. */
function nextDelimiter(bytes: Buffer, boundary: string, from: number, newline: string): number {
  const delimiter = `${newline}--${boundary}`;
  // A part without bytes ends with the line end of its own blank line.
  let at = bytes.indexOf(delimiter, from - newline.length, "latin1");
  while (at >= 0 && !endsDelimiter(bytes, at + delimiter.length)) at = bytes.indexOf(delimiter, at + 1, "latin1");
  if (at < 0) throw broken();
  return at;
}

/** What may follow a boundary: its line's end, blanks, or the closing dashes; anything else is a longer boundary or data. */
function endsDelimiter(bytes: Buffer, at: number): boolean {
  const next = bytes[at];
  return next === CR || next === LF || next === 0x20 || next === 0x09 || (next === DASH && bytes[at + 1] === DASH);
}

function readHeaders(bytes: Buffer, start: number): { readonly lines: readonly string[]; readonly end: number } {
  const lines: string[] = [];
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf(LF, at);
    if (lineEnd < 0 || lineEnd - start > MOST_HEADER_BYTES) throw broken();
    const line = bytes.subarray(at, bytes[lineEnd - 1] === CR && lineEnd > at ? lineEnd - 1 : lineEnd);
    at = lineEnd + 1;
    if (line.length === 0) return { lines, end: at };
    lines.push(decode(line));
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw broken();
  }
}

function toPart(lines: readonly string[], bytes: Uint8Array): Part {
  let disposition: ReadonlyMap<string, string> = new Map();
  let contentType: string | undefined;
  for (const line of lines) {
    const colon = line.indexOf(":");
    const header = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (header === "content-disposition") disposition = parameters(value);
    if (header === "content-type") contentType = value;
  }
  const name = disposition.get("name");
  if (name === undefined) throw broken();
  return { name, filename: extended(disposition.get("filename*")) ?? disposition.get("filename"), contentType, bytes };
}

const PARAMETER = /;\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g;

/** Parameters of a header value, by lower-case name; the first of a name counts. */
export function parameters(value: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, key = "", quoted, bare = ""] of value.matchAll(PARAMETER)) {
    const name = key.toLowerCase();
    if (!found.has(name)) found.set(name, quoted === undefined ? bare : unquote(quoted));
  }
  return found;
}

/** Go writes `\"` and `\\`; browsers and undici write %22, %0D and %0A and nothing else. */
function unquote(text: string): string {
  return text
    .replaceAll(/\\(["\\])/g, "$1")
    .replaceAll("%22", '"')
    .replaceAll(/%0D/gi, "\r")
    .replaceAll(/%0A/gi, "\n");
}

/** RFC 8187: `UTF-8''percent-encoded`. */
function extended(value: string | undefined): string | undefined {
  const encoded = value === undefined ? undefined : /^UTF-8'[^']*'(.*)$/i.exec(value)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw broken();
  }
}

export function broken(): CorralError {
  return new CorralError("request.unparsable");
}
