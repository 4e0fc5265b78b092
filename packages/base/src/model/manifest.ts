import type { Uuid } from "../ids.ts";

export type ModuleType = "esm" | "cjs" | "wasm" | "text" | "data" | "json" | "source-map" | "python" | "python-requirement";

/** A module of a version; its bytes lie once per installation under their SHA-256. */
export interface ManifestModule {
  readonly name: string;
  readonly type: ModuleType;
  /** The part's content type, verbatim, for content/v2. */
  readonly contentType: string;
  readonly sha256: string;
  readonly size: number;
}

/** JSON text kept as text: its meaning is the client's, its bytes are what is authenticated. */
export type JsonText = string;

export type Binding =
  | { readonly type: "plain_text"; readonly name: string; readonly text: string }
  | { readonly type: "json"; readonly name: string; readonly json: JsonText }
  | { readonly type: "secret_text"; readonly name: string; readonly recordId: Uuid }
  | {
      readonly type: "secret_key";
      readonly name: string;
      readonly recordId: Uuid;
      readonly format: string;
      readonly algorithm: JsonText;
      readonly usages: readonly string[];
    }
  | { readonly type: "version_metadata"; readonly name: string }
  | {
      readonly type: "service";
      readonly name: string;
      readonly service: string;
      readonly environment: string | null;
      readonly entrypoint: string | null;
    }
  | { readonly type: "wasm_module" | "text_blob" | "data_blob"; readonly name: string; readonly part: string }
  /** Accepted only with `bindings.unsupported = "placeholder"`; fails clearly when used. */
  | { readonly type: "placeholder"; readonly name: string; readonly declaredType: string; readonly detail: JsonText };

/** Bindings whose value is a sealed record. */
export type SecretBinding = Extract<Binding, { recordId: Uuid }>;

export function isSecret(binding: Binding): binding is SecretBinding {
  return binding.type === "secret_text" || binding.type === "secret_key";
}

/**
 * All that a version is, except values: immutable, one blob, authenticated under the Worker's manifest key.
 * The MAC covers the blob's bytes, so there is one encoding to agree on: the bytes that were stored.
 */
export interface Manifest {
  readonly format: 1;
  readonly versionId: Uuid;
  readonly workerId: Uuid;
  readonly number: number;
  readonly createdOn: string;
  readonly tag: string | null;
  readonly syntax: "module" | "service-worker";
  /** Name of the entry module; a Worker without code has no modules. */
  readonly mainModule: string;
  readonly modules: readonly ManifestModule[];
  readonly compatibilityDate: string | null;
  readonly compatibilityFlags: readonly string[];
  readonly usageModel: string;
  readonly limits: { readonly cpuMs?: number; readonly subrequests?: number } | null;
  readonly placement: JsonText | null;
  /** Sorted by name, byte order. */
  readonly bindings: readonly Binding[];
}
