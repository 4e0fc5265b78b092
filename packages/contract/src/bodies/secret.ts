/** Bodies that carry values. A value is `Redacted` as soon as its field is read; a name that is no string is not echoed. */
import { z } from "zod";
import { orAbsent, text } from "../fields.ts";
import { fieldInvalid, parseBody } from "../parse.ts";
import { secretSchema, type WireSecret } from "./binding.ts";

/** PUT S/secrets: `{name, text, type}` or a secret_key. */
export function parseSecret(input: unknown): WireSecret {
  return parseEntry(parseBody(looseObject, input), undefined);
}

/** PATCH S/secrets-bulk: `{secrets: {NAME: {name?, text, type?} | null}}`; the outer key is the name. */
export function parseSecretsBulk(input: unknown): ReadonlyMap<string, WireSecret | null> {
  return changes(parseBody(z.object({ secrets: entries }), input).secrets, "secrets");
}

export interface VersionPatch {
  readonly changes: ReadonlyMap<string, WireSecret | null>;
  readonly message: string | null;
  readonly tag: string | null;
}

/** PATCH W/versions/latest: `{env: {NAME: {type, text} | null}, annotations}`; what else a version has stays as it is. */
export function parseVersionPatch(input: unknown): VersionPatch {
  const body = parseBody(versionPatch, input);
  for (const field of FIXED) {
    if (Object.hasOwn(body, field)) throw fieldInvalid(field, "it cannot be changed here; upload a version instead");
  }
  return {
    changes: changes(body.env ?? {}, "env"),
    message: body.annotations?.["workers/message"] ?? null,
    tag: body.annotations?.["workers/tag"] ?? null,
  };
}

/** `{workers/message, workers/tag, workers/alias}`; other annotations are not kept. */
export const annotations = orAbsent(
  z.object({ "workers/message": orAbsent(text), "workers/tag": orAbsent(text), "workers/alias": orAbsent(text) }),
);

const looseObject = z.record(z.string(), z.unknown());
const entries = z.record(z.string(), z.union([z.null(), looseObject]));
const versionPatch = z.looseObject({ env: orAbsent(entries), annotations });
/** Passing over these in silence would make a version that is not what was asked for. */
const FIXED = [
  "main_module",
  "modules",
  "bindings",
  "compatibility_date",
  "compatibility_flags",
  "usage_model",
  "limits",
  "placement",
  "assets",
  "migrations",
  "containers",
  "exports",
] as const;

function changes(
  stated: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>,
  field: string,
): ReadonlyMap<string, WireSecret | null> {
  const all = new Map<string, WireSecret | null>();
  for (const [name, entry] of Object.entries(stated)) {
    const known = parseBody(text, name, `${field}.*`);
    all.set(known, entry === null ? null : parseEntry({ ...entry, name: known }, `${field}.*`));
  }
  return all;
}

function parseEntry(entry: Readonly<Record<string, unknown>>, inside: string | undefined): WireSecret {
  const schema = secretSchema(entry["type"]);
  if (schema !== undefined) return parseBody(schema, entry, inside);
  throw fieldInvalid(inside === undefined ? "type" : `${inside}.type`, "expected secret_text or secret_key");
}
