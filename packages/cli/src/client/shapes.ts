/** The wire's objects as commands read them (wire.md 6). What is missing is tolerated: servers differ. */
import type { JsonObject, JsonValue } from "@corral/base";
import { asObject } from "./http-client.ts";

export interface BindingInfo {
  readonly name: string;
  readonly type: string;
  /** The whole binding as sent; a secret has no value in it. */
  readonly raw: JsonObject;
}

export interface VersionInfo {
  readonly id: string;
  readonly number: number | undefined;
  readonly createdOn: string;
  readonly author: string | undefined;
  readonly source: string | undefined;
  readonly hasPreview: boolean;
  readonly message: string | undefined;
  readonly tag: string | undefined;
  readonly triggeredBy: string | undefined;
  readonly bindings: readonly BindingInfo[];
  readonly compatibilityDate: string | undefined;
  readonly compatibilityFlags: readonly string[];
  readonly handlers: readonly string[];
  readonly startupTimeMs: number | undefined;
}

export interface ShareInfo {
  readonly versionId: string;
  readonly percentage: number;
}

export interface DeploymentInfo {
  readonly id: string;
  readonly createdOn: string;
  readonly author: string | undefined;
  readonly source: string | undefined;
  readonly message: string | undefined;
  readonly triggeredBy: string | undefined;
  /** Larger share first. */
  readonly versions: readonly ShareInfo[];
}

export function readVersion(value: JsonValue | undefined): VersionInfo | undefined {
  const version = asObject(value);
  const id = text(version?.["id"]);
  if (version === undefined || id === undefined) return undefined;
  const metadata = asObject(version["metadata"]) ?? {};
  const annotations = asObject(version["annotations"]) ?? {};
  const resources = asObject(version["resources"]) ?? {};
  const script = asObject(resources["script"]) ?? {};
  const runtime = asObject(resources["script_runtime"]) ?? {};
  return {
    id,
    number: number(version["number"]),
    createdOn: text(metadata["created_on"]) ?? "",
    author: text(metadata["author_email"]),
    source: text(metadata["source"]),
    hasPreview: metadata["has_preview"] === true,
    message: text(annotations["workers/message"]),
    tag: text(annotations["workers/tag"]),
    triggeredBy: text(annotations["workers/triggered_by"]),
    bindings: items(resources["bindings"]).flatMap((one) => readBinding(one) ?? []),
    compatibilityDate: text(runtime["compatibility_date"]),
    compatibilityFlags: texts(runtime["compatibility_flags"]),
    handlers: texts(script["handlers"]),
    startupTimeMs: number(version["startup_time_ms"]),
  };
}

export function readBinding(value: JsonValue): BindingInfo | undefined {
  const raw = asObject(value);
  const name = text(raw?.["name"]);
  const type = text(raw?.["type"]);
  return raw === undefined || name === undefined || type === undefined ? undefined : { name, type, raw };
}

export function readDeployment(value: JsonValue | undefined): DeploymentInfo | undefined {
  const deployment = asObject(value);
  const id = text(deployment?.["id"]);
  if (deployment === undefined || id === undefined) return undefined;
  const annotations = asObject(deployment["annotations"]) ?? {};
  const versions = items(deployment["versions"]).flatMap((one) => {
    const { version_id: versionId, percentage } = asObject(one) ?? {};
    return typeof versionId === "string" && typeof percentage === "number" ? [{ versionId, percentage }] : [];
  });
  return {
    id,
    createdOn: text(deployment["created_on"]) ?? "",
    author: text(deployment["author_email"]),
    source: text(deployment["source"]),
    message: text(annotations["workers/message"]),
    triggeredBy: text(annotations["workers/triggered_by"]),
    versions: versions.toSorted((a, b) => b.percentage - a.percentage),
  };
}

export function items(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

export function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function number(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

export function texts(value: JsonValue | undefined): string[] {
  return items(value).filter((one) => typeof one === "string");
}

export function isSecretType(type: string): boolean {
  return type === "secret_text" || type === "secret_key";
}

export function secretNames(version: VersionInfo): string[] {
  return version.bindings
    .filter((one) => isSecretType(one.type))
    .map((one) => one.name)
    .toSorted();
}
