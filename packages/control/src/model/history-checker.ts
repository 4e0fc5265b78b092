/**
 * Whether a history of concurrent calls on one Worker's secrets is linearizable: whether there is an order of the calls
 * that keeps real time (what had ended comes before what began later) and in which each answer is right.
 *
 * The search is Wing and Gong's, with Lowe's memory of what was tried (doi:10.1002/cpe.3928): a set of calls done, and
 * the state after them, are never looked at twice.
 */
import { compareNames } from "../rules/names.ts";

export type Call =
  | { readonly kind: "put"; readonly name: string; readonly value: string }
  | { readonly kind: "delete"; readonly name: string; readonly found: boolean }
  | { readonly kind: "bulk"; readonly changes: ReadonlyMap<string, string | null> }
  /** What was seen: names and values, or names alone. */
  | { readonly kind: "read"; readonly secrets: ReadonlyMap<string, string> }
  | { readonly kind: "list"; readonly names: readonly string[] };

export interface Ended {
  readonly call: Call;
  /** Positions in one order of all beginnings and ends. */
  readonly began: number;
  readonly ended: number;
}

type State = ReadonlyMap<string, string>;

export function isLinearizable(history: readonly Ended[], initial: State): boolean {
  const tried = new Set<string>();
  const search = (left: readonly Ended[], state: State): boolean => {
    if (left.length === 0) return true;
    const key = `${left.map(({ began }) => began).join()} ${textOf(pairs(state))}`;
    if (tried.has(key)) return false;
    tried.add(key);
    const firstEnd = Math.min(...left.map(({ ended }) => ended));
    return left.some((next) => {
      if (next.began > firstEnd) return false;
      const after = apply(next.call, state);
      return (
        after !== undefined &&
        search(
          left.filter((each) => each !== next),
          after,
        )
      );
    });
  };
  return search(history, initial);
}

/** undefined: this call could not have had this answer in this state. */
function apply(call: Call, state: State): State | undefined {
  switch (call.kind) {
    case "put":
      return new Map(state).set(call.name, call.value);
    case "delete": {
      if (state.has(call.name) !== call.found) return undefined;
      const after = new Map(state);
      after.delete(call.name);
      return after;
    }
    case "bulk": {
      const after = new Map(state);
      for (const [name, value] of call.changes) {
        if (value === null) after.delete(name);
        else after.set(name, value);
      }
      return after;
    }
    case "read":
      return same(pairs(call.secrets), pairs(state)) ? state : undefined;
    case "list":
      return same(call.names, [...state.keys()]) ? state : undefined;
  }
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return textOf(a) === textOf(b);
}

function pairs(state: State): readonly string[] {
  return [...state].map((pair) => JSON.stringify(pair));
}

/** The order in which things were put together does not count. */
function textOf(words: readonly string[]): string {
  return JSON.stringify(words.toSorted(compareNames));
}
