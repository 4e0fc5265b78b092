/** Bulk input as JSON: one object of strings and nulls. */
import { type JsonValue, parseJsonWithPositions, Redacted } from "@corral/base";
import { asObject } from "../client/http-client.ts";
import { type Entry, nameProblem, type Parsed, type Problem } from "./entries.ts";

export function parseJsonFile(text: string, anyName: boolean): Parsed {
  const parsed = parseJsonWithPositions(text);
  if (!parsed.ok) {
    const { line, column, problem } = parsed.error;
    return { kind: "broken", problems: [{ line, column, problem }] };
  }
  const { value, positions } = parsed.value;
  const object = asObject(value);
  if (object === undefined) {
    const problem = `expected an object of names and values, got ${kindOf(value)}`;
    return { kind: "broken", problems: [{ ...positions.root, problem }] };
  }
  const entries: Entry[] = [];
  const problems: Problem[] = [];
  for (const [name, member] of Object.entries(object)) {
    const at = positions.members.get(name) ?? { key: positions.root, value: positions.root };
    const wrongName = nameProblem(name, anyName);
    if (wrongName !== undefined) problems.push({ ...at.key, problem: wrongName });
    const label = wrongName === undefined ? `${name}: ` : "";
    if (member !== null && typeof member !== "string") {
      problems.push({ ...at.value, problem: `${label}expected a string or null, got ${kindOf(member)}` });
    } else if (member?.includes("\0") === true) {
      problems.push({ ...at.value, problem: `${label}contains a NUL character` });
    } else {
      entries.push({ name, value: member === null ? null : new Redacted(member) });
    }
  }
  return { kind: "entries", entries, problems };
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
