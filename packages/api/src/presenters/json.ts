/** JSON texts of ours as values; they were made by JSON.stringify when they came in. */
import { type JsonObject, type JsonValue, parseJson } from "@corral/base";

export function fromJsonText(text: string | null): JsonValue | undefined {
  if (text === null) return undefined;
  const parsed = parseJson(text);
  return parsed.ok ? parsed.value : undefined;
}

/** An empty one for whatever is no object. */
export function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
