/** What inside a value is a secret of its own: its lines, the strings of its JSON, the password of its URL. */
import { parseJson } from "@corral/base";

/** Lines as the value has them, also where line ends were written out as `\n`. */
export function linesOf(value: string): string[] {
  const lines = value.split(/\r\n|\n|\r|\\r\\n|\\n/);
  return lines.length > 1 ? lines.filter((line) => !/^-----(?:BEGIN|END) /.test(line)) : [];
}

/** The body of a PEM block as one line, which is how many places carry it. */
export function pemBodies(value: string): string[] {
  const bodies: string[] = [];
  for (const block of value.split("-----BEGIN ").slice(1)) {
    const body = block.slice(block.indexOf("-----") + 5).split("-----END")[0] ?? "";
    bodies.push(body.replaceAll(/\\r|\\n|\s/g, ""));
  }
  return bodies;
}

/** String values in text that looks like JSON; works on broken JSON too, and leaves keys alone. */
export function jsonLeaves(value: string): string[] {
  if (!/^\s*[[{]/.test(value)) return [];
  const leaves: string[] = [];
  for (let at = value.indexOf('"'); at >= 0; at = value.indexOf('"', at)) {
    const end = closingQuote(value, at);
    if (end < 0) break;
    const parsed = parseJson(value.slice(at, end + 1));
    at = end + 1;
    const isKey = /^\s{0,16}:/.test(value.slice(at, at + 17));
    if (!isKey && parsed.ok && typeof parsed.value === "string") leaves.push(parsed.value);
  }
  return leaves;
}

function closingQuote(value: string, open: number): number {
  for (let at = open + 1; at < value.length; at += 1) {
    const unit = value[at];
    if (unit === '"') return at;
    if (unit === "\\") at += 1;
  }
  return -1;
}

/** `scheme://user:password@host`: the password as written and decoded. */
export function urlPasswords(value: string): string[] {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(value.trimStart());
  if (scheme === null) return [];
  const authority = value.trimStart().slice(scheme[0].length);
  const at = authority.split(/\s/, 1)[0]?.lastIndexOf("@") ?? -1;
  const colon = authority.indexOf(":");
  if (at < 0 || colon < 0 || colon > at) return [];
  const written = authority.slice(colon + 1, at);
  return [written, percentDecoded(written)];
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
