/** What a value in a configuration file may be. */
import type { JsonObject, JsonValue } from "@corral/base";
import type { ModuleRule } from "./config.ts";

export type Guard<T extends JsonValue> = (value: JsonValue) => value is T;

export const isText: Guard<string> = (value): value is string => typeof value === "string" && value !== "";
export const isBoolean: Guard<boolean> = (value): value is boolean => typeof value === "boolean";
export const isObject: Guard<JsonObject> = (value): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !((value as unknown) instanceof Date);
export const isTexts = (value: JsonValue): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");
export const isObjects = (value: JsonValue): value is readonly JsonObject[] =>
  Array.isArray(value) && (value as readonly JsonValue[]).every((one) => isObject(one));
export const isTextRecord = (value: JsonValue): value is Readonly<Record<string, string>> =>
  isObject(value) && Object.values(value).every((one) => typeof one === "string");
export const isDate: Guard<string> = (value): value is string => typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value);
const MODULE_TYPES: readonly unknown[] = ["ESModule", "CommonJS", "CompiledWasm", "Text", "Data"];
export const isRules = (value: JsonValue): value is readonly (ModuleRule & JsonObject)[] =>
  isObjects(value) && value.every((one) => MODULE_TYPES.includes(one["type"]) && isTexts(one["globs"] ?? null));
