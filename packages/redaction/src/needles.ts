/**
 * Secrets to patterns: the forms of a value that are looked for.
 *
 * 8 bytes and more are looked for everywhere, 4 to 7 only between non-word characters, less is not covered. Forms
 * have a rank: when all together would make the table too large, the least likely go first.
 */
import { type Redacted, utf8 } from "@corral/base";
import type { Pattern } from "./automaton.ts";
import { asciiJsonEscaped, base64Encoded, hexEncoded, inspected, jsonEscaped, uriEncoded } from "./encodings.ts";
import { jsonLeaves, linesOf, pemBodies, urlPasswords } from "./parts.ts";

export interface Secret {
  readonly name: string;
  readonly value: Redacted;
}

/**
 * Why a value is not, or not in all its forms, looked for. "short": below 4 bytes. "ordinary": a word that every log
 * has. "size": the secrets together are too large for all forms.
 */
export interface Uncovered {
  readonly name: string;
  readonly reason: "short" | "ordinary" | "size";
}

const MIN_ANYWHERE = 8;
const MIN_BOUNDED = 4;
/** A longer pattern is cut; its pieces overlap, so that their stretches merge. */
const MAX_PATTERN = 4096;
const PIECE_OVERLAP = 16;
/** In states of the automaton, some 14 bytes each; every pattern also counts for the row it may need. */
const MAX_COST = 2_000_000;
const COST_PER_PATTERN = 64;

const ORDINARY = new Set(
  (
    "true false null undefined none empty default enabled disabled info warn warning error debug test testing development " +
    "production staging preview localhost 127.0.0.1 http https http:// https:// string number object function password " +
    "secret token username postgres admin root user value name"
  ).split(" "),
);

/** Lower is likelier to be met: the value as it is; quoted, or a part of it; base64; hex and URI; the rest. */
type Rank = 0 | 1 | 2 | 3 | 4;

interface Form {
  readonly text: string;
  readonly rank: Rank;
  /** Cut out of something longer: not looked for below 8 bytes. */
  readonly part: boolean;
}

export interface Needles {
  readonly patterns: readonly Pattern[];
  readonly uncovered: readonly Uncovered[];
}

export function needlesFor(secrets: readonly Secret[]): Needles {
  const uncovered: Uncovered[] = [];
  const forms: (Form & { readonly secret: number })[] = [];
  secrets.forEach(({ name, value }, secret) => {
    const text = textOf(value);
    const reason = whyNotCovered(text);
    if (reason !== undefined) uncovered.push({ name, reason });
    else for (const form of formsOf(text)) forms.push({ ...form, secret });
  });
  const patterns: Pattern[] = [];
  const seen = new Set<string>();
  const noRoom = new Set<number>();
  let left = MAX_COST;
  for (const form of forms.toSorted((a, b) => a.rank - b.rank)) {
    if (seen.has(form.text)) continue;
    const added = toPatterns(form, form.secret);
    if (added.length === 0) continue;
    seen.add(form.text);
    const cost = added.reduce((sum, { bytes }) => sum + bytes.length + COST_PER_PATTERN, 0);
    if (cost > left) noRoom.add(form.secret);
    else {
      left -= cost;
      patterns.push(...added);
    }
  }
  for (const secret of noRoom) uncovered.push({ name: secrets[secret]?.name ?? "", reason: "size" });
  return { patterns, uncovered };
}

/** UTF-8 has no lone surrogates: what a Worker prints of them are replacement characters. */
export function textOf(value: Redacted): string {
  return value.reveal().toWellFormed();
}

export function whyNotCovered(text: string): "short" | "ordinary" | undefined {
  const trimmed = text.trim();
  if (utf8(trimmed).length < MIN_BOUNDED) return "short";
  return ORDINARY.has(trimmed.toLowerCase()) ? "ordinary" : undefined;
}

/** The value as it is, and as the usual printers quote it. */
export function plainForms(text: string): string[] {
  return unique([text, text.trim(), jsonEscaped(text), ...inspected(text)]);
}

function formsOf(value: string): Form[] {
  const forms: Form[] = [];
  const add = (rank: Rank, part: boolean, texts: readonly string[]): void => {
    for (const text of texts) forms.push({ text, rank, part });
  };
  const addEncoded = (text: string, ranks: readonly [Rank, Rank, Rank], part: boolean): void => {
    const base64 = base64Encoded(text);
    add(ranks[0], part, base64.whole);
    add(ranks[0], true, base64.within);
    add(ranks[1], part, [...hexEncoded(text), ...uriEncoded(text)]);
    add(ranks[2], part, [jsonEscaped(jsonEscaped(text)), ...asciiJsonEscaped(text)]);
  };
  add(0, false, [value, value.trim()]);
  add(1, false, plainForms(value));
  addEncoded(value, [2, 3, 4], false);
  if (value !== value.trim()) addEncoded(value.trim(), [2, 3, 4], false);
  for (const password of urlPasswords(value)) {
    add(1, false, plainForms(password));
    addEncoded(password, [4, 4, 4], false);
  }
  const leaves = jsonLeaves(value).filter(isTelling);
  for (const leaf of leaves) {
    add(1, true, plainForms(leaf));
    addEncoded(leaf, [4, 4, 4], true);
  }
  for (const whole of [value, ...leaves]) {
    add(1, true, linesOf(whole).filter(isTelling).flatMap(plainForms));
    add(1, true, pemBodies(whole));
  }
  return forms;
}

/** Not a rule of dashes, a brace, an ordinary word. */
function isTelling(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text) && !/^(.)\1*$/u.test(text.trim()) && whyNotCovered(text) === undefined;
}

function toPatterns({ text, part }: Form, secret: number): Pattern[] {
  const bytes = utf8(text);
  if (bytes.length < (part ? MIN_ANYWHERE : MIN_BOUNDED)) return [];
  if (bytes.length <= MAX_PATTERN) return [{ bytes, secret, bounded: bytes.length < MIN_ANYWHERE }];
  const pieces: Pattern[] = [];
  for (let at = 0; at < bytes.length - PIECE_OVERLAP; at += MAX_PATTERN - PIECE_OVERLAP) {
    const end = Math.min(bytes.length, at + MAX_PATTERN);
    pieces.push({ bytes: bytes.subarray(Math.max(0, end - MAX_PATTERN), end), secret, bounded: false });
  }
  return pieces;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
