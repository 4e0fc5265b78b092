/** Picks the values of one environment out of a configuration file, and collects what is wrong with them. */
import type { JsonObject, JsonValue } from "@corral/base";
import { usage } from "../output/errors.ts";
import type { ServiceBinding } from "./config.ts";
import { type Guard, isObject, isObjects, isText } from "./guards.ts";
import { type ConfigSource, configFailure, place } from "./source.ts";

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

export class ConfigReader {
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
