/**
 * Which bindings a new version has (wire.md 5.4): those stated, those inherited by name, those kept by type.
 *
 * The base is the newest uploaded version, deployed or not. What is stated beats what is kept under the same name,
 * whatever the types. A secret comes along by its record's id: nothing is opened, nothing is sealed again.
 */
import {
  acceptedName,
  type Binding,
  CorralError,
  err,
  isSecret,
  type Manifest,
  type ManifestModule,
  ok,
  type Result,
  type SafeText,
  type SecretBinding,
} from "@corral/base";
import type { BindingInput } from "../types.ts";
import { tooMany } from "./binding-inputs.ts";
import { compareNames } from "./names.ts";

/** A stated binding whose secret is sealed. */
export type StatedBinding = SecretBinding | Exclude<BindingInput, { readonly type: "secret_text" | "secret_key" }>;

/** Types to keep from the base; undefined keeps the secrets, "all" every type. */
export type KeepRule = readonly string[] | "all" | undefined;

type Base = Pick<Manifest, "bindings" | "modules">;

export interface Derivation {
  readonly stated: readonly StatedBinding[];
  readonly keep: KeepRule;
  readonly strictInherit: boolean;
  /** The newest version; undefined for the first. */
  readonly base: Base | undefined;
  /** Retained versions that `inherit` bindings name by id; undefined where there is none. */
  version(id: string): Base | undefined;
  readonly modules: readonly ManifestModule[];
  readonly maxBindings: number;
}

export interface Derived {
  /** Sorted by name, byte order. */
  readonly bindings: readonly Binding[];
  /** The upload's modules, and the parts that inherited blob bindings bring along. */
  readonly modules: readonly ManifestModule[];
}

export function deriveBindings(input: Derivation): Result<Derived, CorralError> {
  const bound = new Map<string, Binding>();
  const parts = new Map(input.modules.map((module) => [module.name, module]));
  const unresolved: string[] = [];
  for (const stated of input.stated) {
    if (stated.type === "inherit") {
      const source =
        stated.versionId === undefined || stated.versionId === "latest" ? input.base : input.version(stated.versionId);
      const found = source?.bindings.find(({ name }) => name === (stated.oldName ?? stated.name));
      if (source !== undefined && found !== undefined && bring(found, source, parts)) {
        bound.set(stated.name, { ...found, name: stated.name });
      } else unresolved.push(stated.name);
      continue;
    }
    if (isBlob(stated) && !parts.has(stated.part)) {
      return err(new CorralError("binding.part-missing", { params: { name: acceptedName(stated.name) } }));
    }
    bound.set(stated.name, stated.type === "unsupported" ? { ...stated, type: "placeholder" } : stated);
  }
  if (input.strictInherit && unresolved.length > 0) return err(inheritFailure(unresolved));
  if (input.base !== undefined) keepByType(input.base, input.keep, bound, parts);
  if (bound.size > input.maxBindings) return tooMany(bound.size, input.maxBindings);
  return ok({
    bindings: [...bound.values()].toSorted((a, b) => compareNames(a.name, b.name)),
    modules: [...parts.values()],
  });
}

function keepByType(base: Base, keep: KeepRule, bound: Map<string, Binding>, parts: Map<string, ManifestModule>): void {
  for (const binding of base.bindings) {
    if (bound.has(binding.name) || !isKept(binding, keep)) continue;
    if (bring(binding, base, parts)) bound.set(binding.name, binding);
  }
}

function isKept(binding: Binding, keep: KeepRule): boolean {
  if (keep === "all") return true;
  if (keep === undefined) return isSecret(binding);
  return keep.includes(binding.type === "placeholder" ? binding.declaredType : binding.type);
}

function isBlob(binding: { readonly type: string }): binding is Extract<Binding, { readonly part: string }> {
  return binding.type === "wasm_module" || binding.type === "text_blob" || binding.type === "data_blob";
}

/** Brings the part of an inherited blob binding along; false if its own version does not have it. */
function bring(binding: Binding, source: Base, parts: Map<string, ManifestModule>): boolean {
  if (!isBlob(binding) || parts.has(binding.part)) return true;
  const part = source.modules.find(({ name }) => name === binding.part);
  if (part === undefined) return false;
  parts.set(part.name, part);
  return true;
}

/** 10057, one error per name: wrangler cuts each name out of its message. */
function inheritFailure(names: readonly string[]): CorralError {
  const [first, ...rest] = names.map((name) => [name, { params: { name: acceptedName(name) } }] as const);
  const also = rest.map(([, details]) => new CorralError("inherit.invalid", details));
  return new CorralError("inherit.invalid", { ...first?.[1], also });
}

/** Workers that these bindings call, other than `self`, each with the name of a binding that calls it. */
export function serviceTargets(inputs: readonly BindingInput[], self: string): ReadonlyMap<string, SafeText> {
  const targets = new Map<string, SafeText>();
  for (const input of inputs) {
    if (input.type === "service" && input.service !== self) targets.set(input.service, acceptedName(input.name));
  }
  return targets;
}
