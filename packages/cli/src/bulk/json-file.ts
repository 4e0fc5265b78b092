/** Bulk input as JSON: one object of strings and nulls. */
import { type JsonPositions, type JsonValue, parseJson, parseJsonWithPositions, Redacted } from "@corral/base";
import { asObject } from "../client/http-client.ts";
import { type Entry, nameProblem, type Parsed, type Problem } from "./entries.ts";

export function parseJsonFile(text: string, anyName: boolean): Parsed {
  const parsed = parseJson(text);
  if (!parsed.ok) {
    const { line, column, problem } = parsed.error;
    return { kind: "broken", problems: [{ line, column, problem }] };
  }
  const object = asObject(parsed.value);
  if (object === undefined) {
    const problem = `expected an object of names and values, got ${kindOf(parsed.value)}`;
    return { kind: "broken", problems: [{ ...placesIn(text).root, problem }] };
  }
  const members = Object.entries(object).map(([name, member]) => ({ name, member, ...judge(name, member, anyName) }));
  const wrong = members.some((one) => one.ofName !== undefined || one.ofValue !== undefined);
  return {
    kind: "entries",
    entries: wrong
      ? []
      : members.map(({ name, member }): Entry => ({ name, value: typeof member === "string" ? new Redacted(member) : null })),
    problems: wrong ? locate(members, placesIn(text)) : [],
  };
}

interface Verdict {
  /** Words for what is wrong; undefined: nothing. */
  readonly ofName: string | undefined;
  readonly ofValue: string | undefined;
}

function judge(name: string, member: JsonValue, anyName: boolean): Verdict {
  const ofName = nameProblem(name, anyName);
  const label = ofName === undefined ? `${name}: ` : "";
  if (member === null) return { ofName, ofValue: undefined };
  if (typeof member !== "string") return { ofName, ofValue: `${label}expected a string or null, got ${kindOf(member)}` };
  return { ofName, ofValue: member.includes("\0") ? `${label}contains a NUL character` : undefined };
}

/** Places cost a second reading, so only a file with problems is read for them. */
function placesIn(text: string): JsonPositions {
  const parsed = parseJsonWithPositions(text);
  return parsed.ok ? parsed.value.positions : { root: { line: 1, column: 1 }, members: new Map() };
}

function locate(members: readonly (Verdict & { readonly name: string })[], places: JsonPositions): Problem[] {
  return members.flatMap(({ name, ofName, ofValue }) => {
    const at = places.members.get(name) ?? { key: places.root, value: places.root };
    return [
      ...(ofName === undefined ? [] : [{ ...at.key, problem: ofName }]),
      ...(ofValue === undefined ? [] : [{ ...at.value, problem: ofValue }]),
    ];
  });
}

function kindOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "string":
      return "a string";
    default:
      return "an object";
  }
}
