/**
 * What a version's env takes as workerd counts it: V8's serialisation, in which a string costs a byte for each Latin-1
 * character, or two for each UTF-16 unit once one character is beyond Latin-1. Counted a little high, never low.
 * workerd stops at 1 MiB; our limit leaves room (design.md 8).
 */
import type { Binding } from "@corral/base";

const BEYOND_LATIN1 = /[\u0100-\uffff]/;
/** Tag, length and alignment of a serialised string. */
const STRING_OVERHEAD = 8;
const NUMBER_BYTES = 10;

export function countText(text: string): number {
  return STRING_OVERHEAD + (BEYOND_LATIN1.test(text) ? 2 * text.length : text.length);
}

/** A parsed JSON value; its depth is capped by the parser that made it. */
export function countJson(value: unknown): number {
  if (typeof value === "string") return countText(value);
  if (typeof value !== "object" || value === null) return NUMBER_BYTES;
  let total = STRING_OVERHEAD;
  if (Array.isArray(value)) {
    for (const item of value) total += countJson(item);
    return total;
  }
  for (const [key, item] of Object.entries(value)) total += countText(key) + countJson(item);
  return total;
}

/** Sizes that the manifest alone does not tell. */
export interface EnvSizes {
  /** `RecordRow.countedBytes`. */
  record(recordId: string): number;
  /** Bytes of the module that a blob binding names. */
  part(name: string): number;
  /** Parses JSON text that was accepted before. */
  parse(json: string): unknown;
}

export function countBinding(binding: Binding, sizes: EnvSizes): number {
  return countText(binding.name) + countValue(binding, sizes);
}

export function countEnv(bindings: readonly Binding[], sizes: EnvSizes): number {
  let total = 0;
  for (const binding of bindings) total += countBinding(binding, sizes);
  return total;
}

function countValue(binding: Binding, sizes: EnvSizes): number {
  switch (binding.type) {
    case "plain_text":
      return countText(binding.text);
    case "json":
      return countJson(sizes.parse(binding.json));
    case "secret_text":
    case "secret_key":
      return sizes.record(binding.recordId);
    case "text_blob":
      // Its text is not looked at again when it is inherited: as if it had a character beyond Latin-1.
      return STRING_OVERHEAD + 2 * sizes.part(binding.part);
    case "data_blob":
      return STRING_OVERHEAD + sizes.part(binding.part);
    case "wasm_module":
      // A module of the isolate, not a value of env.
      return STRING_OVERHEAD;
    case "version_metadata":
      return 256;
    case "service":
    case "placeholder":
      return 512;
  }
}
