/**
 * What a schema refused, in words that cannot hold input: the place is made of the schema's own field names and of
 * positions, the words are fixed. A key that the schema does not know is `*`, for it may be a secret pasted askew.
 */
import { ownWord, type SafeText } from "@corral/base";
import type { z } from "zod";

// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature and would not fit `params`
export type FieldProblem = { readonly field: SafeText; readonly problem: SafeText };

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

/** Of the first issue. `input` is what was parsed; it only tells missing from wrong. */
export function fieldProblem(error: z.core.$ZodError, schema: Schema, input: unknown): FieldProblem {
  const issue = deepest(error.issues[0]);
  if (issue === undefined) return { field: ownWord("body"), problem: ownWord("not what was expected") };
  return { field: place(issue.path, schema), problem: ownWord(words(issue, at(input, issue.path) === undefined)) };
}

/** A union's issue says nothing; the issue of the option that got furthest does. */
function deepest(issue: Issue | undefined): Issue | undefined {
  if (issue?.code !== "invalid_union") return issue;
  let best: Issue | undefined;
  for (const [first] of issue.errors) {
    const found = deepest(first);
    if (found !== undefined && (best === undefined || found.path.length > best.path.length)) best = found;
  }
  return best === undefined ? issue : { ...best, path: [...issue.path, ...best.path] };
}

function words(issue: Issue, missing: boolean): string {
  if (missing) return "it is missing";
  switch (issue.code) {
    case "invalid_type":
      return `expected ${article(issue.expected)}`;
    case "invalid_value":
      return "it is not one of the allowed words";
    case "too_big":
      return issue.origin === "number" ? "it is too large" : "it is too long";
    case "too_small":
      return issue.origin === "number" ? "it is too small" : "it is too short";
    case "invalid_format":
      return "its form is wrong";
    case "custom":
      // Our own `refine` texts, which are constants.
      return issue.message;
    case "not_multiple_of":
    case "unrecognized_keys":
    case "invalid_union":
    case "invalid_key":
    case "invalid_element":
      return "it is not what was expected";
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "an array",
  object: "an object",
  record: "an object",
  null: "null",
};

function article(expected: string): string {
  return Object.hasOwn(TYPES, expected) ? (TYPES[expected] ?? "") : "something else";
}

function place(path: readonly PropertyKey[], schema: Schema): SafeText {
  let text = "";
  let here: Schema | undefined = schema;
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else text += `${text === "" ? "" : "."}${isField(here, key) ? String(key) : "*"}`;
    here = inner(here, key);
  }
  return ownWord(text === "" ? "body" : text);
}

function isField(schema: Schema | undefined, key: PropertyKey): boolean {
  return choices(schema).some((choice) => Object.hasOwn(shapeOf(choice), key));
}

function inner(schema: Schema | undefined, key: PropertyKey): Schema | undefined {
  for (const choice of choices(schema)) {
    const def = (choice as z.core.$ZodTypes)._zod.def;
    if (def.type === "array") return def.element;
    if (def.type === "record") return def.valueType;
    const shape = shapeOf(choice);
    if (Object.hasOwn(shape, key)) return shape[key as string];
  }
  return undefined;
}

function shapeOf(schema: Schema): Readonly<Record<string, Schema>> {
  const def = (schema as z.core.$ZodTypes)._zod.def;
  return def.type === "object" ? def.shape : {};
}

/** The schemas behind wrappers and unions. */
function choices(schema: Schema | undefined): readonly Schema[] {
  if (schema === undefined) return [];
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "nonoptional":
    case "readonly":
    case "catch":
      return choices(def.innerType);
    case "pipe":
      return [...choices(def.in), ...choices(def.out)];
    case "union":
      return def.options.flatMap((option) => choices(option));
    default:
      return [schema];
  }
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
