/** From parts to modules: names and types (wire.md 5.1, 5.2, other-clients.md 2.3). */
import type { ModuleType } from "@corral/base";
import { uploadInvalid } from "@corral/contract";
import type { UploadModule } from "@corral/control";
import type { Part } from "./parse.ts";

const TYPES: Readonly<Record<string, ModuleType>> = {
  "application/javascript+module": "esm",
  "text/javascript+module": "esm",
  "application/javascript": "cjs",
  "text/javascript": "cjs",
  "application/x-javascript": "cjs",
  "application/wasm": "wasm",
  "application/octet-stream": "data",
  "text/plain": "text",
  "application/json": "json",
  "text/x-python": "python",
  "text/x-python-requirement": "python-requirement",
  "application/source-map": "source-map",
};
const ESM = "application/javascript+module";
const SCRIPT = "application/javascript";
const MOST_NAME = 1024;

/**
 * `entry` is what the metadata names. It is code whatever its part says: cloudflare-go sends every file as
 * application/octet-stream (other-clients.md 2.3).
 */
export function toModules(
  parts: readonly Part[],
  entry: string | undefined,
  syntax: "module" | "service-worker",
): readonly UploadModule[] {
  const modules = parts.map((part) => toModule(moduleName(part), part.contentType, part.bytes, entry, syntax));
  if (new Set(modules.map((module) => module.name)).size < modules.length) throw uploadInvalid("two parts have the same name");
  return modules;
}

export function toModule(
  name: string,
  contentType: string | undefined,
  bytes: Uint8Array,
  entry: string | undefined,
  syntax: "module" | "service-worker",
): UploadModule {
  if (name === "" || name.length > MOST_NAME || /[\0\r\n]/.test(name))
    throw uploadInvalid("a part has a name that cannot be used");
  const stated = bare(contentType);
  if (name === entry && (stated === undefined || stated === "application/octet-stream")) {
    const code = syntax === "module" ? ESM : SCRIPT;
    return { name, type: syntax === "module" ? "esm" : "cjs", contentType: code, bytes };
  }
  if (stated === undefined) return { name, type: "text", contentType: "text/plain", bytes };
  if (!Object.hasOwn(TYPES, stated)) throw uploadInvalid("a part has a content type that is no module's");
  return { name, type: TYPES[stated] ?? "data", contentType: contentType?.trim() ?? stated, bytes };
}

/** The filename where all files share one field name; else the part's own name. */
function moduleName(part: Part): string {
  const inside = /^files(?:\[([^\]]*)\]|\.\d+)?$/.exec(part.name);
  if (inside === null) return part.name;
  return part.filename ?? (inside[1] !== undefined && inside[1] !== "" ? inside[1] : part.name);
}

/** Without parameters, lower case. */
export function bare(contentType: string | undefined): string | undefined {
  const text = contentType?.split(";")[0]?.trim().toLowerCase();
  return text === "" ? undefined : text;
}
