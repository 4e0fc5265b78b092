/**
 * Manifest, modules and opened records become the answer that makes an isolate. Values are revealed here, on the last
 * line before the agent's socket, and nowhere else in this room but for the redactor's needles.
 */
import { type Binding, fromUtf8, isSecret, type ManifestModule, parseJson } from "@corral/base";
import type { LoadAnswer, LoadModule, ServiceTarget } from "../router/protocol.ts";
import { compatibilityDateFor } from "./compatibility.ts";
import { importingBoot, shimModules, shimNames } from "./shim.ts";
import type { PlacedVersion } from "./version.ts";

export interface LoadOptions {
  readonly logs: boolean;
  /** `YYYY-MM-DD`. */
  readonly today: string;
}

/** Modules by SHA-256; every module of the manifest that runs must be there. */
export type ModuleBytes = (sha256: string) => Uint8Array;

export function loadAnswerFor(version: PlacedVersion, bytes: ModuleBytes, { logs, today }: LoadOptions): LoadAnswer {
  const { manifest, accountId } = version;
  const names = shimNames(manifest);
  const modules: Record<string, LoadModule> = Object.create(null) as Record<string, LoadModule>;
  for (const module of manifest.modules) {
    const loaded = moduleFor(module, names.boot, bytes);
    if (loaded !== undefined) modules[module.name] = loaded;
  }
  for (const [name, js] of Object.entries(shimModules(manifest, names))) modules[name] = { js };
  const { env, keys, services } = bindingsFor(version);
  return {
    workerId: manifest.workerId,
    versionId: manifest.versionId,
    compatibilityDate: compatibilityDateFor(manifest.compatibilityDate, today),
    // Its bindings are globals, which boot makes from the importable env; its own code cannot import.
    compatibilityFlags: manifest.compatibilityFlags.filter(
      (flag) => flag !== "disallow_importable_env" || manifest.syntax === "module",
    ),
    mainModule: names.main,
    modules,
    env,
    keys,
    services: services(accountId),
    logs,
  };
}

/** undefined: it is not run (a source map). */
function moduleFor(module: ManifestModule, boot: string, bytes: ModuleBytes): LoadModule | undefined {
  switch (module.type) {
    case "esm":
      return { js: importingBoot(boot, module.name, textOf(bytes(module.sha256))) };
    case "cjs":
      return { cjs: textOf(bytes(module.sha256)) };
    case "text":
      return { text: textOf(bytes(module.sha256)) };
    case "json":
      return { json: textOf(bytes(module.sha256)) };
    case "data":
      return { data: base64Of(bytes(module.sha256)) };
    case "wasm":
      return { wasm: base64Of(bytes(module.sha256)) };
    case "python":
    case "python-requirement":
      return { js: `throw new Error("Python Workers do not run on Corral.");` };
    case "source-map":
      return undefined;
  }
}

function bindingsFor(version: PlacedVersion): {
  env: Record<string, unknown>;
  keys: Record<string, string>;
  services: (accountId: string) => Record<string, ServiceTarget>;
} {
  const { manifest } = version;
  const env: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const keys: Record<string, string> = Object.create(null) as Record<string, string>;
  const targets: [string, string, string | null][] = [];
  for (const binding of manifest.bindings) {
    if (binding.type === "service") targets.push([binding.name, binding.service, binding.entrypoint]);
    else if (binding.type === "secret_key") keys[binding.name] = keyMaterial(version, binding);
    else env[binding.name] = valueOf(version, binding);
  }
  return {
    env,
    keys,
    services: (accountId) =>
      Object.fromEntries(targets.map(([name, service, entrypoint]) => [name, { accountId, service, entrypoint }])),
  };
}

/** undefined for what boot makes. */
function valueOf(version: PlacedVersion, binding: Binding): unknown {
  switch (binding.type) {
    case "plain_text":
      return binding.text;
    case "json": {
      const parsed = parseJson(binding.json);
      return parsed.ok ? parsed.value : null;
    }
    case "secret_text":
      return version.openSecret(binding).reveal();
    case "version_metadata": {
      const { versionId, tag, createdOn } = version.manifest;
      return { id: versionId, tag: tag ?? "", timestamp: createdOn };
    }
    default:
      return undefined;
  }
}

/** Base64 of the bytes that boot imports: the key itself, or the JWK's text. */
function keyMaterial(version: PlacedVersion, binding: Extract<Binding, { type: "secret_key" }>): string {
  if (!isSecret(binding)) return "";
  const value = version.openSecret(binding).reveal();
  const bytes = binding.format === "jwk" ? Buffer.from(value, "utf8") : Buffer.from(value, "base64");
  try {
    return bytes.toString("base64");
  } finally {
    bytes.fill(0);
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch {
    return Buffer.from(bytes).toString("utf8");
  }
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
