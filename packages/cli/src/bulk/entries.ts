/** What a bulk file says: names with a value each, or null to delete; and every problem in it, with its place. */
import type { Redacted } from "@corral/base";
import { isStorable, NAME_RULE, isIdentifier } from "../input/name.ts";

export interface Entry {
  readonly name: string;
  /** null deletes. */
  readonly value: Redacted | null;
}

export interface Problem {
  readonly line: number;
  /** Absent where the whole line is meant. */
  readonly column?: number;
  /** Our own words, and at most a name that is no value. */
  readonly problem: string;
}

export type Parsed =
  | { readonly kind: "entries"; readonly entries: readonly Entry[]; readonly problems: readonly Problem[] }
  /** Not of this format at all: nothing can be said about entries. */
  | { readonly kind: "broken"; readonly problems: readonly Problem[] };

/** The problem with this name, if it has one. The name itself is not told: in a broken file it may be a value. */
export function nameProblem(name: string, any: boolean): string | undefined {
  if (any ? isStorable(name) : isIdentifier(name)) return undefined;
  return any ? "a name has 1 to 255 printable characters" : NAME_RULE;
}
