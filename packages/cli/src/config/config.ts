/**
 * What Corral uses of a wrangler configuration, for one environment. Values that stand in it (`vars`) may be anything,
 * so a problem is told by its place and what was expected, never by what was there.
 */
import type { JsonObject, JsonValue } from "@corral/base";
import { dirname, resolve } from "node:path";
import { isBoolean, isDate, isObject, isObjects, isRules, isText, isTextRecord, isTexts } from "./guards.ts";
import { ConfigReader } from "./reader.ts";
import { type ConfigSource, findConfigSource } from "./source.ts";

export interface ServiceBinding {
  readonly name: string;
  readonly service: string;
  readonly environment?: string;
  readonly entrypoint?: string;
}

export interface Config {
  readonly file: string;
  readonly shown: string;
  readonly directory: string;
  /** The chosen environment; undefined is the top level. */
  readonly environment: string | undefined;
  readonly environments: readonly string[];
  /** The Worker's name in the chosen environment. */
  readonly name: string | undefined;
  readonly accountId: string | undefined;
  /** Absolute. */
  readonly main: string | undefined;
  readonly compatibilityDate: string | undefined;
  readonly compatibilityFlags: readonly string[];
  readonly vars: Readonly<Record<string, JsonValue>>;
  readonly requiredSecrets: readonly string[];
  readonly crons: readonly string[] | undefined;
  readonly observability: JsonObject | undefined;
  readonly logpush: boolean | undefined;
  readonly tailConsumers: readonly JsonObject[] | undefined;
  readonly limits: JsonObject | undefined;
  readonly placement: JsonObject | undefined;
  readonly services: readonly ServiceBinding[];
  readonly versionMetadata: string | undefined;
  readonly workersDev: boolean | undefined;
  readonly previewUrls: boolean | undefined;
  readonly keepVars: boolean;
  readonly minify: boolean;
  readonly noBundle: boolean;
  readonly uploadSourceMaps: boolean | undefined;
  readonly define: Readonly<Record<string, string>>;
  readonly alias: Readonly<Record<string, string>>;
  readonly tsconfig: string | undefined;
  readonly rules: readonly ModuleRule[];
  /** Binding files: name → absolute path. */
  readonly wasmModules: Readonly<Record<string, string>>;
  readonly textBlobs: Readonly<Record<string, string>>;
  readonly dataBlobs: Readonly<Record<string, string>>;
  /** Keys that hold bindings or features Corral does not have, with their places. */
  readonly unsupported: readonly { readonly key: string; readonly place: string }[];
}

export interface ModuleRule {
  readonly type: "ESModule" | "CommonJS" | "CompiledWasm" | "Text" | "Data";
  readonly globs: readonly string[];
}

/** undefined: there is no configuration file. Throws Failure with all problems at once. */
export async function loadConfig(
  cwd: string,
  named: string | undefined,
  environment: string | undefined,
): Promise<Config | undefined> {
  const source = await findConfigSource(cwd, named);
  if (source === undefined) return undefined;
  return readConfig(source, environment === "" ? undefined : environment);
}

export function readConfig(source: ConfigSource, environment: string | undefined): Config {
  const reader = new ConfigReader(source, environment);
  const directory = dirname(source.file);
  const paths = (record: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(record).map(([name, path]) => [name, resolve(directory, path)]));
  const main = reader.inherited("main", isText, "a string");
  const triggers = reader.inherited("triggers", isObject, "an object");
  const secrets = reader.own("secrets", isObject, "an object");
  const metadata = reader.own("version_metadata", isObject, "an object");
  const config: Config = {
    file: source.file,
    shown: source.shown,
    directory,
    environment,
    environments: reader.environments,
    name: reader.name(),
    accountId: reader.inherited("account_id", isText, "a string"),
    main: main === undefined ? undefined : resolve(directory, main),
    compatibilityDate: reader.inherited("compatibility_date", isDate, "a date like 2026-01-31"),
    compatibilityFlags: reader.inherited("compatibility_flags", isTexts, "a list of strings") ?? [],
    vars: reader.own("vars", isObject, "an object") ?? {},
    requiredSecrets: reader.inside("secrets", secrets, "required", isTexts, "a list of strings") ?? [],
    crons: reader.inside("triggers", triggers, "crons", isTexts, "a list of strings"),
    observability: reader.inherited("observability", isObject, "an object"),
    logpush: reader.inherited("logpush", isBoolean, "true or false"),
    tailConsumers: reader.own("tail_consumers", isObjects, "a list of objects"),
    limits: reader.inherited("limits", isObject, "an object"),
    placement: reader.inherited("placement", isObject, "an object"),
    services: reader.services(),
    versionMetadata: reader.inside("version_metadata", metadata, "binding", isText, "a string"),
    workersDev: reader.inherited("workers_dev", isBoolean, "true or false"),
    previewUrls: reader.inherited("preview_urls", isBoolean, "true or false"),
    keepVars: reader.top("keep_vars", isBoolean, "true or false") ?? false,
    minify: reader.inherited("minify", isBoolean, "true or false") ?? false,
    noBundle: reader.inherited("no_bundle", isBoolean, "true or false") ?? false,
    uploadSourceMaps: reader.inherited("upload_source_maps", isBoolean, "true or false"),
    define: reader.own("define", isTextRecord, "an object of strings") ?? {},
    alias: reader.top("alias", isTextRecord, "an object of strings") ?? {},
    tsconfig: reader.inherited("tsconfig", isText, "a string"),
    rules: reader.inherited("rules", isRules, "a list of {type, globs}") ?? [],
    wasmModules: paths(reader.top("wasm_modules", isTextRecord, "an object of strings") ?? {}),
    textBlobs: paths(reader.top("text_blobs", isTextRecord, "an object of strings") ?? {}),
    dataBlobs: paths(reader.top("data_blobs", isTextRecord, "an object of strings") ?? {}),
    unsupported: reader.unsupported(),
  };
  reader.finish();
  return config;
}
