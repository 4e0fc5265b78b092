/** The objects that answers are made of (wire.md 6). Times are ISO 8601 with microseconds and `Z`; ids of Workers 32 hex. */

/** A binding as it may be shown: no text of a secret, no key material. */
export type WireBindingView = Readonly<Record<string, unknown>> & { readonly name: string; readonly type: string };

/** `format`, `algorithm` and `usages` of a secret_key only. */
export interface WireSecretView {
  readonly name: string;
  readonly type: "secret_text" | "secret_key";
  readonly format?: string;
  readonly algorithm?: unknown;
  readonly usages?: readonly string[];
}

export interface WireNamedHandlers {
  readonly name: string;
  readonly handlers: readonly string[];
}

/** PUT S and the items of A/workers/scripts (wire.md 6.3). `tag` is the Worker's immutable id. */
export interface WireScript {
  readonly id: string;
  readonly tag: string;
  readonly tags: readonly string[];
  readonly etag: string;
  readonly handlers: readonly string[];
  readonly named_handlers: readonly WireNamedHandlers[];
  readonly created_on: string;
  readonly modified_on: string;
  readonly usage_model: string;
  readonly compatibility_date?: string;
  readonly compatibility_flags: readonly string[];
  readonly last_deployed_from: string;
  readonly has_assets: false;
  readonly has_modules: boolean;
  readonly logpush: boolean;
  readonly observability?: unknown;
  readonly placement?: unknown;
  readonly placement_mode?: string;
  readonly tail_consumers: unknown;
  readonly startup_time_ms: number;
  /** The version's id; wrangler prints it as the current version. */
  readonly deployment_id: string;
  readonly entry_point: string;
  readonly available_on_subdomain: boolean;
}

export interface WireAnnotations {
  readonly "workers/message"?: string;
  readonly "workers/tag"?: string;
  readonly "workers/alias"?: string;
  readonly "workers/triggered_by": string;
}

/** wire.md 6.4. */
export interface WireVersion {
  readonly id: string;
  readonly number: number;
  readonly metadata: {
    readonly created_on: string;
    readonly modified_on: string;
    readonly source: string;
    readonly author_id: string;
    readonly author_email: string;
    readonly has_preview: boolean;
    readonly hasPreview: boolean;
  };
  readonly annotations: WireAnnotations;
  readonly resources: {
    readonly bindings: readonly WireBindingView[];
    readonly script: {
      readonly etag: string;
      readonly handlers: readonly string[];
      readonly named_handlers: readonly WireNamedHandlers[];
      readonly last_deployed_from: string;
      readonly placement_mode?: string;
    };
    readonly script_runtime: {
      readonly compatibility_date?: string;
      readonly compatibility_flags: readonly string[];
      readonly usage_model: string;
      readonly limits: WireLimits;
    };
  };
  readonly startup_time_ms: number;
}

export interface WireLimits {
  readonly cpu_ms?: number;
  readonly subrequests?: number;
}

/** wire.md 6.5. */
export interface WireDeployment {
  readonly id: string;
  readonly source: string;
  readonly strategy: "percentage";
  readonly author_id: string;
  readonly author_email: string;
  readonly annotations: { readonly "workers/message"?: string; readonly "workers/triggered_by": string };
  readonly versions: readonly { readonly version_id: string; readonly percentage: number }[];
  readonly created_on: string;
}

/** S/script-settings. */
export interface WireScriptSettings {
  readonly logpush: boolean;
  readonly tags: readonly string[];
  readonly tail_consumers: unknown;
  readonly observability?: unknown;
}

/** S/settings. */
export interface WireSettings extends WireScriptSettings {
  readonly bindings: readonly WireBindingView[];
  readonly compatibility_date?: string;
  readonly compatibility_flags: readonly string[];
  readonly usage_model: string;
  readonly limits?: WireLimits;
  readonly placement?: unknown;
  readonly annotations: WireAnnotations;
}

export interface WireSubdomain {
  readonly enabled: boolean;
  readonly previews_enabled: boolean;
}

/** A/workers/services/{name}. */
export interface WireService {
  readonly id: string;
  readonly default_environment: WireEnvironment;
  readonly environments: readonly WireEnvironment[];
  readonly created_on: string;
  readonly modified_on: string;
  readonly usage_model: string;
}

export interface WireEnvironment {
  readonly environment: string;
  readonly created_on: string;
  readonly modified_on: string;
  readonly script: WireScript & { readonly migration_tag?: string };
}

/** The new Workers API (wire.md 6.6, other-clients.md 2.2). */
export interface WireWorker {
  readonly id: string;
  readonly name: string;
  readonly created_on: string;
  readonly updated_on: string;
  readonly deployed_on: string | null;
  readonly logpush: boolean;
  readonly observability: unknown;
  readonly references: {
    readonly dispatch_namespace_outbounds: readonly never[];
    readonly domains: readonly never[];
    readonly durable_objects: readonly never[];
    readonly queues: readonly never[];
    readonly workers: readonly never[];
  };
  readonly subdomain: WireSubdomain & { readonly preview_url_suffix?: string };
  readonly tags: readonly string[];
  readonly tail_consumers: readonly unknown[];
}

export interface WireWorkerVersion {
  readonly id: string;
  readonly number: number;
  readonly created_on: string;
  readonly urls: readonly string[];
  readonly annotations: WireAnnotations;
  readonly bindings: readonly WireBindingView[];
  readonly compatibility_date?: string;
  readonly compatibility_flags: readonly string[];
  readonly main_module: string;
  readonly limits?: WireLimits;
  readonly placement?: unknown;
  readonly source: string;
  readonly author_id: string;
  readonly author_email: string;
  readonly startup_time_ms: number;
  readonly usage_model: string;
  readonly modules?: readonly WireModule[];
}

export interface WireModule {
  readonly name: string;
  readonly content_type: string;
  readonly content_base64: string;
}

export interface WireAccount {
  readonly id: string;
  readonly name: string;
  readonly type: "standard";
  readonly settings: { readonly enforce_twofactor: boolean };
  readonly created_on: string;
}
