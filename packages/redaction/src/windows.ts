/**
 * Every window of 6 bytes of a value, for short texts that Corral itself passes on: there a fragment is as telling as
 * the whole, because a parser quotes ten characters around its complaint. A value of 4 or 5 bytes counts as a whole.
 */
import { utf8 } from "@corral/base";
import type { Interval } from "./intervals.ts";
import { plainForms, type Secret, textOf, whyNotCovered } from "./needles.ts";

const WINDOW = 6;
const SHORTEST = 4;

export interface Windows {
  /** They overlap. */
  find(bytes: Uint8Array): Interval[];
}

export function windowsOf(secrets: readonly Secret[]): Windows {
  const known = new Map<number, number>();
  secrets.forEach(({ value }, secret) => {
    const text = textOf(value);
    if (whyNotCovered(text) !== undefined) return;
    for (const form of plainForms(text)) {
      const bytes = utf8(form);
      const length = Math.min(WINDOW, bytes.length);
      if (length < SHORTEST) continue;
      for (let at = 0; at + length <= bytes.length; at += 1) {
        const key = windowKey(bytes, at, length);
        if (!known.has(key)) known.set(key, secret);
      }
    }
  });
  return {
    find: (bytes) => {
      const intervals: Interval[] = [];
      for (let start = 0; start < bytes.length; start += 1) {
        for (let length = SHORTEST; length <= WINDOW && start + length <= bytes.length; length += 1) {
          const secret = known.get(windowKey(bytes, start, length));
          if (secret !== undefined) intervals.push({ ...wholeCharacters(bytes, start, start + length), secret });
        }
      }
      return intervals;
    },
  };
}

/** The bytes and their number in one exact integer. */
function windowKey(bytes: Uint8Array, at: number, length: number): number {
  let key = length;
  for (let index = at; index < at + length; index += 1) key = key * 256 + (bytes[index] ?? 0);
  return key;
}

function wholeCharacters(bytes: Uint8Array, from: number, to: number): { start: number; end: number } {
  const continues = (at: number): boolean => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  let start = from;
  let end = to;
  while (start > 0 && continues(start)) start -= 1;
  while (end < bytes.length && continues(end)) end += 1;
  return { start, end };
}
