/**
 * Bindings as uploads and settings state them (wire.md 5.4). One table by type; a type that Cloudflare has and we do
 * not is passed on as "unsupported", and control decides whether that is refused or kept as a placeholder.
 */
import { acceptedName, CorralError, type JsonValue, type JsonText, Redacted, type Uuid } from "@corral/base";
import { z } from "zod";
import { orAbsent, secretValue, text, value as valueText } from "../fields.ts";
import { parseUploadPart, uploadInvalid } from "../parse.ts";

export interface SecretTextInput {
  readonly type: "secret_text";
  readonly name: string;
  readonly value: Redacted;
}

export interface SecretKeyInput {
  readonly type: "secret_key";
  readonly name: string;
  readonly format: string;
  readonly algorithm: JsonText;
  readonly usages: readonly string[];
  /** `key_base64`, or `key_jwk` as JSON text. */
  readonly value: Redacted;
}

export type WireSecret = SecretTextInput | SecretKeyInput;

/** The same shapes as control's BindingInput. */
export type WireBinding =
  | WireSecret
  | { readonly type: "plain_text"; readonly name: string; readonly text: string }
  | { readonly type: "json"; readonly name: string; readonly json: JsonText }
  | { readonly type: "inherit"; readonly name: string; readonly oldName?: string; readonly versionId?: Uuid }
  | { readonly type: "version_metadata"; readonly name: string }
  | {
      readonly type: "service";
      readonly name: string;
      readonly service: string;
      readonly environment: string | null;
      readonly entrypoint: string | null;
    }
  | { readonly type: "wasm_module" | "text_blob" | "data_blob"; readonly name: string; readonly part: string }
  | { readonly type: "unsupported"; readonly name: string; readonly declaredType: string; readonly detail: JsonText };

const named = { name: text };
const blob = <T extends string>(type: T) =>
  z.object({ ...named, part: text }).transform(({ name, part }) => ({ type, name, part }));

const secretText = z
  .object({ ...named, text: secretValue })
  .transform(({ name, text: value }): SecretTextInput => ({ type: "secret_text", name, value }));

const secretKey = z
  .object({
    ...named,
    format: z.enum(["raw", "pkcs8", "spki", "jwk"]),
    algorithm: z.unknown().refine((value) => typeof value === "object" || typeof value === "string", "it is missing"),
    usages: z.array(z.enum(["encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey"])).max(16),
    key_base64: secretValue.optional(),
    key_jwk: z
      .record(z.string(), z.unknown())
      .transform((jwk) => new Redacted(JSON.stringify(jwk)))
      .optional(),
  })
  .transform((key, context): SecretKeyInput => {
    const value = key.format === "jwk" ? key.key_jwk : key.key_base64;
    if (value === undefined) {
      context.addIssue({ code: "custom", message: "it is missing", path: [key.format === "jwk" ? "key_jwk" : "key_base64"] });
      return z.NEVER;
    }
    return {
      type: "secret_key",
      name: key.name,
      format: key.format,
      algorithm: JSON.stringify(key.algorithm),
      usages: key.usages,
      value,
    };
  });

const schemas = {
  plain_text: z
    .object({ ...named, text: valueText })
    .transform(({ name, text: value }) => ({ type: "plain_text" as const, name, text: value })),
  json: z
    .object({ ...named, json: z.unknown().refine((value) => value !== undefined, "it is missing") })
    .transform(({ name, json }) => ({ type: "json" as const, name, json: JSON.stringify(json) })),
  secret_text: secretText,
  secret_key: secretKey,
  inherit: z.object({ ...named, old_name: orAbsent(text), version_id: orAbsent(text) }).transform((inherit) => ({
    type: "inherit" as const,
    name: inherit.name,
    ...(inherit.old_name !== undefined && { oldName: inherit.old_name }),
    ...(inherit.version_id !== undefined && inherit.version_id !== "latest" && { versionId: inherit.version_id }),
  })),
  version_metadata: z.object(named).transform(({ name }) => ({ type: "version_metadata" as const, name })),
  service: z
    .object({ ...named, service: text, environment: orAbsent(text), entrypoint: orAbsent(text) })
    .transform(({ name, service, environment, entrypoint }) => ({
      type: "service" as const,
      name,
      service,
      environment: environment ?? null,
      entrypoint: entrypoint ?? null,
    })),
  wasm_module: blob("wasm_module"),
  text_blob: blob("text_blob"),
  data_blob: blob("data_blob"),
} as const;

type SupportedType = keyof typeof schemas;

/** The key that carries what the binding is; without it an entry of a settings edit means "inherit" (wire.md 5.4). */
const CONTENT: Readonly<Record<SupportedType, readonly string[]>> = {
  plain_text: ["text"],
  json: ["json"],
  secret_text: ["text"],
  secret_key: ["key_base64", "key_jwk"],
  inherit: ["name"],
  version_metadata: ["name"],
  service: ["service"],
  wasm_module: ["part"],
  text_blob: ["part"],
  data_blob: ["part"],
};

/** Types of Cloudflare's schema (SDK 7.3 and older releases) that Corral does not run. */
const UNSUPPORTED: ReadonlySet<string> = new Set(
  `ai ai_search ai_search_namespace analytics_engine agent_memory artifacts assets browser browser_rendering cloudflare_ai d1
   dispatch_namespace durable_object_namespace email flagship hyperdrive images kv_namespace logfwdr media mtls_certificate
   pipelines queue r2_bucket ratelimit secrets_store_secret send_email stream tail_consumer unsafe_hello_world vectorize
   vpc_network vpc_service websearch worker_loader workflow`.split(/\s+/),
);

/** Fields of a binding that hold text of the client's, per type; how a column-wise form is put together (other-clients.md 6.11). */
export function bindingHasField(type: string, field: string): boolean {
  if (field === "type" || field === "name") return true;
  if (!Object.hasOwn(schemas, type)) return field !== "text" && field !== "json";
  const schema: z.core.$ZodType = schemas[type as SupportedType];
  const def = (schema as z.core.$ZodTypes)._zod.def;
  const object = def.type === "pipe" ? (def.in as z.core.$ZodTypes)._zod.def : def;
  return object.type === "object" && Object.hasOwn(object.shape, field);
}

/**
 * @throws binding.nameless, binding.unknown-type, upload.invalid; none of them echoes what was refused.
 * `valueless: "inherit"` is for settings edits.
 */
export function parseBindings(input: unknown, options: { readonly valueless: "inherit" | "refuse" }): readonly WireBinding[] {
  if (!Array.isArray(input)) throw uploadInvalid("bindings: expected an array");
  return input.map((entry: unknown, index) => parseBinding(entry, `bindings[${index}]`, options.valueless));
}

function parseBinding(entry: unknown, place: string, valueless: "inherit" | "refuse"): WireBinding {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) throw uploadInvalid(`${place}: expected an object`);
  const fields = entry as Readonly<Record<string, JsonValue>>;
  const name = fields["name"];
  if (name === undefined || name === null || name === "") throw new CorralError("binding.nameless");
  if (typeof name !== "string") throw uploadInvalid(`${place}.name: expected a string`);
  const type = fields["type"];
  if (typeof type !== "string") throw new CorralError("binding.unknown-type");
  if (UNSUPPORTED.has(type)) return unsupported(type, parseUploadPart(text, name, `${place}.name`), fields);
  if (!Object.hasOwn(schemas, type)) throw new CorralError("binding.unknown-type");
  const known = type as SupportedType;
  const stated = CONTENT[known].some((key) => fields[key] !== undefined && fields[key] !== null);
  if (!stated && valueless === "inherit") return { type: "inherit", name: parseUploadPart(text, name, `${place}.name`) };
  return parseUploadPart(schemas[known] as z.ZodType<WireBinding>, fields, place);
}

function unsupported(type: string, name: string, fields: Readonly<Record<string, JsonValue>>): WireBinding {
  const { type: _type, name: _name, ...detail } = fields;
  return { type: "unsupported", name, declaredType: acceptedName(type), detail: JSON.stringify(detail) };
}

/** The schema of a secret of this type; undefined for any other type. Absent means secret_text (other-clients.md 6.17). */
export function secretSchema(type: unknown): z.ZodType<WireSecret> | undefined {
  if (type === undefined || type === null || type === "secret_text") return secretText;
  return type === "secret_key" ? secretKey : undefined;
}
