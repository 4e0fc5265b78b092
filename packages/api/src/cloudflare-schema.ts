/**
 * For tests: is an answer what Cloudflare's published schema says? `vectors/cloudflare-responses.json` holds the success
 * schemas of every operation of theirs that the schema covers (official SDK 7.3.0 and the OpenAPI document of 2024-08-06),
 * without texts.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "@corral/base";
import { Ajv, type ValidateFunction } from "ajv";

interface Vectors {
  readonly operations: Readonly<Record<string, object>>;
  readonly schemas: Readonly<Record<string, object>>;
}

const path = join(import.meta.dirname, "../vectors/cloudflare-responses.json");
const parsed = parseJson(readFileSync(path));
if (!parsed.ok) throw new Error("internal: the vectors are not JSON");
const vectors = parsed.value as unknown as Vectors;

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
const compiled = new Map<string, ValidateFunction>();

/** Where the published schema contradicts what the real clients need, or says what cannot be here; docs/compatibility.md lists them. */
const DEVIATIONS: readonly { readonly operation: RegExp; readonly place: RegExp }[] = [
  // The schema says "object"; wrangler and the SDK's users iterate over an array (wire.md 6.4).
  { operation: /\/versions(?:\/|$)/, place: /^\/result(?:\/items\/\d+)?\/resources\/bindings$/ },
  // The document of 2024 knows only models that no longer exist.
  { operation: /\/environments\/.*\/content$/, place: /^\/result\/usage_model$/ },
  { operation: /\/usage-model$/, place: /^\/result\/usage_model$/ },
  // One tail's object; there is none.
  { operation: /^GET .*\/tails$/, place: /^\/result$/ },
];

/** undefined: it conforms, or the schema has no such operation. Otherwise where it does not, and why. */
export function schemaFault(operation: string, answer: unknown): string | undefined {
  const schema = vectors.operations[operation];
  if (schema === undefined) return undefined;
  let validate = compiled.get(operation);
  if (validate === undefined) {
    validate = ajv.compile({ ...schema, components: { schemas: vectors.schemas } });
    compiled.set(operation, validate);
  }
  if (validate(answer)) return undefined;
  const known = DEVIATIONS.filter((deviation) => deviation.operation.test(operation));
  const error = validate.errors?.find((one) => !known.some((deviation) => deviation.place.test(one.instancePath)));
  if (error === undefined) return undefined;
  return `${error.instancePath} ${error.message ?? "does not conform"} (${JSON.stringify(error.params)})`;
}

export function hasSchema(operation: string): boolean {
  return Object.hasOwn(vectors.operations, operation);
}
