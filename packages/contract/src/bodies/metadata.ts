/**
 * The `metadata` of an upload (wire.md 5.3) and the `settings` of a settings edit. Unknown keys are passed over in
 * silence, as the real service does; what asks for a product that Corral has not is refused, unless it asks for nothing.
 */
import { z } from "zod";
import { amount, flag, orAbsent, text } from "../fields.ts";
import { parseUploadPart, uploadInvalid } from "../parse.ts";
import { parseBindings, type WireBinding } from "./binding.ts";
import { annotations } from "./secret.ts";
import { settingsFields, toSettings } from "./settings.ts";

const limits = z
  .object({ cpu_ms: orAbsent(amount), subrequests: orAbsent(amount) })
  .transform(({ cpu_ms: cpuMs, subrequests }) => ({
    ...(cpuMs !== undefined && { cpuMs }),
    ...(subrequests !== undefined && { subrequests }),
  }));

const versioned = {
  bindings: z.unknown().optional(),
  annotations,
  // "" is how Terraform says that there is none (other-clients.md 2.1).
  compatibility_date: orAbsent(text.regex(/^(?:\d{4}-\d{2}-\d{2})?$/)),
  compatibility_flags: orAbsent(z.array(text.max(200)).max(200)),
  usage_model: orAbsent(text.max(50)),
  limits: orAbsent(limits),
  placement: orAbsent(z.record(z.string(), z.unknown())),
} as const;

const foreign = {
  migrations: z.unknown().optional(),
  exports: z.unknown().optional(),
  containers: z.unknown().optional(),
  assets: z.unknown().optional(),
} as const;

const metadata = z.object({
  ...versioned,
  ...settingsFields,
  ...foreign,
  main_module: orAbsent(text),
  body_part: orAbsent(text),
  keep_bindings: orAbsent(z.array(text.max(100)).max(100)),
  keep_assets: orAbsent(flag),
});

const settings = z.object({ ...versioned, ...settingsFields, ...foreign });

export interface UploadMetadata {
  readonly syntax: "module" | "service-worker";
  /** undefined: neither main_module nor body_part was given. */
  readonly entry: string | undefined;
  readonly bindings: readonly WireBinding[];
  readonly keepBindings: readonly string[] | undefined;
  readonly compatibilityDate: string | null;
  readonly compatibilityFlags: readonly string[];
  readonly usageModel: string;
  readonly limits: { readonly cpuMs?: number; readonly subrequests?: number } | null;
  readonly placement: string | null;
  readonly message: string | null;
  readonly tag: string | null;
  readonly alias: string | null;
  readonly settings: ReturnType<typeof toSettings>;
}

/** Throws upload.invalid and the refusals of `parseBindings`. */
export function parseMetadata(input: unknown): UploadMetadata {
  const body = parseUploadPart(metadata, input, "metadata");
  refuseForeign(body);
  const isModule = body.main_module !== undefined;
  return {
    syntax: isModule ? "module" : "service-worker",
    entry: body.main_module ?? body.body_part,
    bindings: body.bindings === undefined || body.bindings === null ? [] : parseBindings(body.bindings, { valueless: "refuse" }),
    keepBindings: body.keep_bindings,
    compatibilityDate: body.compatibility_date || null,
    compatibilityFlags: body.compatibility_flags ?? [],
    usageModel: body.usage_model ?? "standard",
    limits: body.limits ?? null,
    placement: placementText(body.placement),
    message: body.annotations?.["workers/message"] ?? null,
    tag: body.annotations?.["workers/tag"] ?? null,
    alias: body.annotations?.["workers/alias"] ?? null,
    settings: toSettings(body),
  };
}

export type SettingsEdit = Partial<
  Pick<
    UploadMetadata,
    | "bindings"
    | "compatibilityDate"
    | "compatibilityFlags"
    | "usageModel"
    | "limits"
    | "placement"
    | "settings"
    | "message"
    | "tag"
  >
>;

/** PATCH S/settings: only what was stated; a binding without a value is inherited (wire.md 5.4). */
export function parseSettingsEdit(input: unknown): SettingsEdit {
  const body = parseUploadPart(settings, input, "settings");
  refuseForeign(body);
  const stated = toSettings(body);
  return {
    ...(body.bindings !== undefined &&
      body.bindings !== null && { bindings: parseBindings(body.bindings, { valueless: "inherit" }) }),
    ...(body.compatibility_date !== undefined && { compatibilityDate: body.compatibility_date || null }),
    ...(body.compatibility_flags !== undefined && { compatibilityFlags: body.compatibility_flags }),
    ...(body.usage_model !== undefined && { usageModel: body.usage_model }),
    ...(body.limits !== undefined && { limits: body.limits }),
    ...(body.placement !== undefined && { placement: placementText(body.placement) }),
    ...(body.annotations?.["workers/message"] !== undefined && { message: body.annotations["workers/message"] }),
    ...(body.annotations?.["workers/tag"] !== undefined && { tag: body.annotations["workers/tag"] }),
    ...(Object.keys(stated).length > 0 && { settings: stated }),
  };
}

/** `{}` means none (Terraform). */
function placementText(placement: Readonly<Record<string, unknown>> | undefined): string | null {
  return placement === undefined || Object.keys(placement).length === 0 ? null : JSON.stringify(placement);
}

/** Empty lists and objects of them are how alchemy says "none" (other-clients.md 3.1). */
function refuseForeign(body: Partial<Readonly<Record<keyof typeof foreign, unknown>>>): void {
  if (asksForSomething(body.migrations)) throw uploadInvalid("migrations: Corral has no Durable Objects");
  if (asksForSomething(body.exports)) throw uploadInvalid("exports: Corral has no Durable Objects and no workflows");
  if (asksForSomething(body.containers)) throw uploadInvalid("containers: Corral has no containers");
  if (asksForSomething(body.assets)) throw uploadInvalid("assets: Corral has no static assets");
}

function asksForSomething(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  if (typeof value !== "object") return true;
  return Object.values(value).some((inner) => asksForSomething(inner));
}
