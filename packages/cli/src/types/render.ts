/** The declarations that `corral types` writes. */
import type { JsonValue } from "@corral/base";
import type { Config } from "../config/config.ts";
import { isIdentifier } from "../input/name.ts";

/** Type text by binding name. */
export type EnvironmentTypes = ReadonlyMap<string, string>;

/** Bindings of one environment; `stored` are its secrets on the server, undefined if they are unknown. */
export function environmentTypes(config: Config, stored: readonly string[] | undefined): EnvironmentTypes {
  const types = new Map<string, string>();
  for (const name of [...(stored ?? []), ...config.requiredSecrets]) types.set(name, "string");
  for (const [name, value] of Object.entries(config.vars)) types.set(name, typeOf(value));
  for (const one of config.services) types.set(one.name, "Fetcher");
  if (config.versionMetadata !== undefined) types.set(config.versionMetadata, "WorkerVersionMetadata");
  for (const name of Object.keys(config.wasmModules)) types.set(name, "WebAssembly.Module");
  for (const name of Object.keys(config.textBlobs)) types.set(name, "string");
  for (const name of Object.keys(config.dataBlobs)) types.set(name, "ArrayBuffer");
  return types;
}

/** A variable is its kind, not its value: it may differ at run time, and it may be private. */
function typeOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) {
    const kinds = [...new Set((value as readonly JsonValue[]).map(typeOf))];
    return kinds.length === 1 ? `readonly (${kinds[0]})[]` : "readonly unknown[]";
  }
  if (typeof value !== "object") return typeof value;
  const members = Object.entries(value).map(([name, member]) => `${propertyName(name)}: ${typeOf(member)}`);
  return members.length === 0 ? "Record<string, never>" : `{ ${members.join("; ")} }`;
}

export function renderTypes(name: string, environments: readonly EnvironmentTypes[], mark: string): string {
  const names = [...new Set(environments.flatMap((one) => [...one.keys()]))].toSorted();
  const members = names.map((one) => {
    const kinds = [...new Set(environments.flatMap((types) => types.get(one) ?? []))];
    const optional = environments.some((types) => !types.has(one));
    return { name: one, optional, type: kinds.join(" | "), isText: kinds.every((kind) => kind === "string") };
  });
  const lines = members.map((one) => `    ${propertyName(one.name)}${one.optional ? "?" : ""}: ${one.type};`);
  const texts = members
    .filter((one) => one.isText)
    .map((one) => `    ${propertyName(one.name)}${one.optional ? "?" : ""}: string;`);
  return [
    mark,
    "declare namespace Cloudflare {",
    "  interface Env {",
    ...lines,
    "  }",
    "}",
    `interface ${name} extends Cloudflare.Env {}`,
    "declare namespace NodeJS {",
    "  interface ProcessEnv {",
    ...texts,
    "  }",
    "}",
    "",
  ].join("\n");
}

function propertyName(name: string): string {
  return isIdentifier(name) ? name : JSON.stringify(name);
}
