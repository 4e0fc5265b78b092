/**
 * What Corral uses of a wrangler configuration, for one environment. Values that stand in it (`vars`) may be anything,
 * so a problem is told by its place and what was expected, never by what was there.
 */
import type { JsonObject, JsonValue } from "@corral/base";
import { dirname, resolve } from "node:path";
import { usage } from "../output/errors.ts";
import { type ConfigSource, configFailure, findConfigSource, place } from "./source.ts";

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

/** Products that are not Corral's (README): a deploy that needs one must not look as if it had it. */
const UNSUPPORTED = [
  "kv_namespaces",
  "d1_databases",
  "r2_buckets",
  "durable_objects",
  "queues",
  "workflows",
  "vectorize",
  "hyperdrive",
  "ai",
  "browser",
  "images",
  "assets",
  "site",
  "send_email",
  "analytics_engine_datasets",
  "dispatch_namespaces",
  "mtls_certificates",
  "containers",
  "pipelines",
  "secrets_store_secrets",
  "unsafe",
  "migrations",
  "cloudchamber",
  "vpc_services",
  "build",
] as const;

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

type Guard<T extends JsonValue> = (value: JsonValue) => value is T;

class ConfigReader {
  readonly #source: ConfigSource;
  readonly #environment: string | undefined;
  readonly #chosen: JsonObject;
  readonly #problems: string[] = [];
  readonly environments: readonly string[];

  constructor(source: ConfigSource, environment: string | undefined) {
    this.#source = source;
    const all = this.#check(source.value["env"], ["env"], isObject, "an object") ?? {};
    this.environments = Object.keys(all);
    // As wrangler: an environment that is not there is a mistake only where there are any.
    if (environment !== undefined && !Object.hasOwn(all, environment) && this.environments.length > 0) {
      throw usage(`The environment given with --env is not in ${source.shown}.`, `There are: ${this.environments.join(", ")}`);
    }
    this.#environment = environment;
    const chosen = environment === undefined ? undefined : all[environment];
    this.#chosen = this.#check(chosen, ["env", environment ?? ""], isObject, "an object") ?? {};
  }

  name(): string | undefined {
    const top = this.#check(this.#source.value["name"], ["name"], isText, "a string");
    if (this.#environment === undefined) return top;
    const own = this.#check(this.#chosen["name"], ["env", this.#environment, "name"], isText, "a string");
    return own ?? (top === undefined ? undefined : `${top}-${this.#environment}`);
  }

  /** The environment's, else the top level's. */
  inherited<T extends JsonValue>(key: string, guard: Guard<T>, expected: string): T | undefined {
    return this.#ofEnvironment(key, guard, expected) ?? this.top(key, guard, expected);
  }

  /** The environment's alone where one is chosen: bindings are never inherited. */
  own<T extends JsonValue>(key: string, guard: Guard<T>, expected: string): T | undefined {
    return this.#environment === undefined ? this.top(key, guard, expected) : this.#ofEnvironment(key, guard, expected);
  }

  top<T extends JsonValue>(key: string, guard: Guard<T>, expected: string): T | undefined {
    return this.#check(this.#source.value[key], [key], guard, expected);
  }

  inside<T extends JsonValue>(
    outer: string,
    object: JsonObject | undefined,
    key: string,
    guard: Guard<T>,
    expected: string,
  ): T | undefined {
    const path = this.#chosen[outer] === undefined ? [outer, key] : ["env", this.#environment ?? "", outer, key];
    return this.#check(object?.[key], path, guard, expected);
  }

  services(): ServiceBinding[] {
    const list = this.own("services", isObjects, "a list of objects") ?? [];
    return list.flatMap((one, index) => {
      const { binding, service, environment, entrypoint } = one;
      if (typeof binding !== "string" || typeof service !== "string") {
        const at = this.#source.locate(["services", index]);
        this.#problems.push(place(this.#source.shown, at, "services: expected binding and service"));
        return [];
      }
      return [
        {
          name: binding,
          service,
          ...(typeof environment === "string" ? { environment } : {}),
          ...(typeof entrypoint === "string" ? { entrypoint } : {}),
        },
      ];
    });
  }

  unsupported(): { key: string; place: string }[] {
    return UNSUPPORTED.flatMap((key) => {
      const inEnvironment = this.#chosen[key] !== undefined;
      const value = inEnvironment ? this.#chosen[key] : this.#source.value[key];
      if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
      const at = this.#source.locate(inEnvironment ? ["env", this.#environment ?? "", key] : [key]);
      return [{ key, place: place(this.#source.shown, at, `${key} is not supported by Corral`) }];
    });
  }

  finish(): void {
    if (this.#problems.length > 0) throw configFailure(this.#source.shown, this.#problems);
  }

  #ofEnvironment<T extends JsonValue>(key: string, guard: Guard<T>, expected: string): T | undefined {
    if (this.#environment === undefined) return undefined;
    return this.#check(this.#chosen[key], ["env", this.#environment, key], guard, expected);
  }

  #check<T extends JsonValue>(
    value: JsonValue | undefined,
    path: readonly string[],
    guard: Guard<T>,
    expected: string,
  ): T | undefined {
    if (value === undefined) return undefined;
    if (guard(value)) return value;
    this.#problems.push(place(this.#source.shown, this.#source.locate(path), `${path.join(".")}: expected ${expected}`));
    return undefined;
  }
}

const isText: Guard<string> = (value): value is string => typeof value === "string" && value !== "";
const isBoolean: Guard<boolean> = (value): value is boolean => typeof value === "boolean";
const isObject: Guard<JsonObject> = (value): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !((value as unknown) instanceof Date);
const isTexts = (value: JsonValue): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");
const isObjects = (value: JsonValue): value is readonly JsonObject[] =>
  Array.isArray(value) && (value as readonly JsonValue[]).every((one) => isObject(one));
const isTextRecord = (value: JsonValue): value is Readonly<Record<string, string>> =>
  isObject(value) && Object.values(value).every((one) => typeof one === "string");
const isDate: Guard<string> = (value): value is string => typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value);
const MODULE_TYPES: readonly unknown[] = ["ESModule", "CommonJS", "CompiledWasm", "Text", "Data"];
const isRules = (value: JsonValue): value is readonly (ModuleRule & JsonObject)[] =>
  isObjects(value) && value.every((one) => MODULE_TYPES.includes(one["type"]) && isTexts(one["globs"] ?? null));
