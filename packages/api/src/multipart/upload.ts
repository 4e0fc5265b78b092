/** An upload in any of the forms that clients send it: metadata and modules, or a script by itself. */
import { CorralError, fromUtf8, type JsonValue, parseJson } from "@corral/base";
import { parseMetadata, uploadInvalid, type UploadMetadata } from "@corral/contract";
import type { Upload, UploadModule } from "@corral/control";
import { findBoundary } from "./boundary.ts";
import { decodeForm } from "./form.ts";
import { bare, toModule, toModules } from "./modules.ts";
import { broken, type Part, parseMultipart } from "./parse.ts";

/** PUT S and POST S/versions. */
export function parseUpload(
  contentType: string | undefined,
  body: Uint8Array,
  options: { readonly strictInherit: boolean },
): Upload {
  const { metadata, parts } = readUpload(contentType, body);
  if (metadata === undefined) return rawUpload(contentType, body, options);
  const parsed = parseMetadata(metadata);
  return toUpload(parsed, toModules(parts, parsed.entry, parsed.syntax), options);
}

export function toUpload(
  metadata: UploadMetadata,
  modules: readonly UploadModule[],
  options: { readonly strictInherit: boolean },
): Upload {
  const { entry, ...rest } = metadata;
  const mainModule = entry ?? onlyScript(modules);
  if (!modules.some((module) => module.name === mainModule)) throw new CorralError("upload.main-module-missing");
  return { ...rest, mainModule, modules, strictInherit: options.strictInherit };
}

/** Neither main_module nor body_part: the only script there is, as the raw form has it. */
function onlyScript(modules: readonly UploadModule[]): string {
  const scripts = modules.filter((module) => module.type === "cjs");
  if (scripts.length !== 1 || scripts[0] === undefined) throw new CorralError("upload.main-module-missing");
  return scripts[0].name;
}

export type Code = Pick<Upload, "syntax" | "mainModule" | "modules">;

/** PUT S/content: the entry is named by a header (other-clients.md 6.12) or by metadata. */
export function parseCode(
  contentType: string | undefined,
  body: Uint8Array,
  entry: { readonly mainModule: string | undefined; readonly bodyPart: string | undefined },
): Code {
  const { metadata, parts } = readUpload(contentType, body, "optional");
  if (parts.length === 0) return rawCode(contentType, body);
  const parsed = metadata === undefined ? undefined : parseMetadata(metadata);
  const syntax = entry.mainModule !== undefined ? "module" : entry.bodyPart !== undefined ? "service-worker" : parsed?.syntax;
  const named = entry.mainModule ?? entry.bodyPart ?? parsed?.entry ?? moduleNamed(parts);
  const modules = toModules(parts, named, syntax ?? "module");
  const mainModule = named ?? onlyScript(modules);
  const main = modules.find((module) => module.name === mainModule);
  if (main === undefined) throw new CorralError("upload.main-module-missing");
  return { syntax: main.type === "cjs" ? "service-worker" : "module", mainModule, modules };
}

/** The only part, when nothing names the entry. */
function moduleNamed(parts: readonly Part[]): string | undefined {
  return parts.length === 1 ? parts[0]?.name : undefined;
}

/** PATCH S/settings: a part or fields named `settings`, or plain JSON (other-clients.md 6.13). */
export function parseSettingsBody(contentType: string | undefined, body: Uint8Array): unknown {
  const boundary = findBoundary(contentType, body);
  if (boundary === undefined) return readJson(body, "settings");
  const { fields } = readFields("settings", parseMultipart(body, boundary));
  if (fields === undefined) throw uploadInvalid("settings: could not read content for part settings");
  return fields;
}

interface Read {
  /** undefined: the body is no multipart. */
  readonly metadata: unknown;
  readonly parts: readonly Part[];
}

function readUpload(contentType: string | undefined, body: Uint8Array, metadata: "needed" | "optional" = "needed"): Read {
  const boundary = findBoundary(contentType, body);
  if (boundary === undefined) return { metadata: undefined, parts: [] };
  const { fields, rest } = readFields("metadata", parseMultipart(body, boundary));
  if (fields === undefined && metadata === "needed") throw new CorralError("upload.metadata-missing");
  return { metadata: fields, parts: rest };
}

/** `metadata` whole, or spread over fields; undefined when there is neither. A module may be called metadata.json. */
function readFields(root: string, parts: readonly Part[]): { readonly fields: unknown; readonly rest: readonly Part[] } {
  const whole = parts.find((part) => part.name === root);
  if (whole !== undefined) return { fields: readJson(whole.bytes, root), rest: parts.filter((part) => part.name !== root) };
  const belongs = (part: Part) => part.name.startsWith(`${root}[`) || part.name.startsWith(`${root}.`);
  const mine = parts.filter(belongs);
  if (mine.length === 0) return { fields: undefined, rest: parts };
  const fields = decodeForm(
    root,
    mine.map((part) => [part.name, fieldText(part.bytes)] as const),
  );
  return { fields, rest: parts.filter((part) => !belongs(part)) };
}

function fieldText(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch {
    throw broken();
  }
}

function readJson(bytes: Uint8Array, inside: string): JsonValue {
  const parsed = parseJson(bytes);
  if (parsed.ok) return parsed.value;
  const { problem, line, column } = parsed.error;
  throw uploadInvalid(`${inside} is not valid JSON: ${problem} at line ${line}, column ${column}`);
}

/** cloudflare-go v0 sends a script without options bare (other-clients.md 2.3); what is bound stays bound. */
function rawUpload(contentType: string | undefined, body: Uint8Array, options: { readonly strictInherit: boolean }): Upload {
  return {
    ...rawCode(contentType, body),
    bindings: [],
    keepBindings: undefined,
    compatibilityDate: null,
    compatibilityFlags: [],
    usageModel: "standard",
    limits: null,
    placement: null,
    message: null,
    tag: null,
    alias: null,
    settings: {},
    ...options,
  };
}

const RAW_NAME = { module: "worker.js", "service-worker": "script" } as const;

function rawCode(contentType: string | undefined, body: Uint8Array): Code {
  const stated = bare(contentType);
  if (stated === undefined || !stated.includes("javascript")) throw new CorralError("upload.metadata-missing");
  const syntax = stated.endsWith("+module") ? "module" : "service-worker";
  if (body.length === 0) throw uploadInvalid("the script is empty");
  const name = RAW_NAME[syntax];
  return { syntax, mainModule: name, modules: [toModule(name, contentType, body, name, syntax)] };
}
