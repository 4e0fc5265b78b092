/**
 * Bytes to the text of a value, and what was found on the way.
 *
 * One line end at the end is taken off, because `echo` and editors put it there; nothing else ever is. With `raw` the
 * bytes are the value. Text of older PowerShell pipes (UTF-16, byte order mark) is recognised; NUL never gets through.
 */
import { fromUtf8 } from "@corral/base";

export interface Decoded {
  readonly text: string;
  /** Bytes as they came. */
  readonly bytes: number;
  readonly lines: number;
  /** Told after "Read … from …", in this order. */
  readonly findings: readonly string[];
}

export type DecodeProblem = "not-utf8" | "nul" | "empty";

export function decodeValue(bytes: Uint8Array, raw: boolean): Decoded | DecodeProblem {
  const findings: string[] = [];
  let text: string;
  try {
    text = raw ? fromUtf8(bytes) : decodeText(bytes, findings);
  } catch {
    return "not-utf8";
  }
  if (text.includes("\0")) return "nul";
  if (!raw && text.endsWith("\n")) {
    text = text.slice(0, text.endsWith("\r\n") ? -2 : -1);
    findings.unshift("removed one line end at the end");
  }
  if (text === "") return "empty";
  return { text, bytes: bytes.length, lines: countLines(text), findings: [...findings, ...remarks(text)] };
}

/** A text file: byte order marks and UTF-16 as in a value, line ends kept. */
export function decodeFile(bytes: Uint8Array): { readonly text: string } | DecodeProblem {
  try {
    const text = decodeText(bytes, []);
    return text.includes("\0") ? "nul" : { text };
  } catch {
    return "not-utf8";
  }
}

function decodeText(bytes: Uint8Array, findings: string[]): string {
  const encoding = utf16Of(bytes);
  if (encoding !== undefined) {
    if (bytes.length % 2 === 1) throw new Error("internal: half a UTF-16 unit");
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    if (text.startsWith("\uFEFF")) findings.push("removed a byte order mark");
    findings.push("decoded UTF-16");
    return text.startsWith("\uFEFF") ? text.slice(1) : text;
  }
  const text = fromUtf8(bytes);
  if (!text.startsWith("\uFEFF")) return text;
  findings.push("removed a byte order mark");
  return text.slice(1);
}

/** By its mark; without one, if every second byte of what ought to be text is zero. */
function utf16Of(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  if (bytes.length < 4 || bytes.length % 2 === 1) return undefined;
  const zeros = [0, 0];
  for (const [at, byte] of bytes.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const half = bytes.length / 2;
  const [even = 0, odd = 0] = zeros;
  if (even === 0 && odd > half * 0.7) return "utf-16le";
  if (odd === 0 && even > half * 0.7) return "utf-16be";
  return undefined;
}

const PEM = /^-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/;
/** Whole values only: a real secret may well contain one of these words. */
const PLACEHOLDER =
  /^(?:change[-_ ]?me|replace[-_ ]?me|placeholder|todo|example|secret|password|x{3,}|\*{3,}|\.{3}|<[^<>]*>|\[[^\]]*\]|your[-_ ][\w-]*(?:key|token|secret|password)[\w-]*|.*\.\.\.)$/i;

/** What is worth a word about a value; also told after the prompt. */
export function remarks(text: string): string[] {
  const found: string[] = [];
  if (text.includes("\r\n")) found.push("contains CRLF line ends");
  if (PEM.test(text)) found.push("looks like a PEM private key");
  if (PLACEHOLDER.test(text)) found.push("looks like a placeholder");
  if (Buffer.byteLength(text) < 8) found.push("shorter than 8 bytes: not covered by log redaction");
  return found;
}

function countLines(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}
