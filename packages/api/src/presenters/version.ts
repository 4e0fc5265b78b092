import type { Manifest } from "@corral/base";
import type { WireAnnotations, WireLimits, WireVersion } from "@corral/contract";
import type { VersionView } from "@corral/control";
import { presentBindings } from "./binding.ts";
import { fromJsonText, objectOf } from "./json.ts";

export function presentVersion({ manifest, info, hasPreview }: VersionView): WireVersion {
  const mode = placementMode(manifest);
  return {
    id: manifest.versionId,
    number: manifest.number,
    metadata: {
      created_on: manifest.createdOn,
      modified_on: manifest.createdOn,
      source: info.source,
      author_id: info.authorId,
      author_email: info.authorEmail,
      has_preview: hasPreview,
      hasPreview,
    },
    annotations: presentAnnotations({ manifest, info }),
    resources: {
      bindings: presentBindings(manifest.bindings),
      script: {
        etag: info.etag,
        handlers: info.handlers,
        named_handlers: info.namedHandlers,
        last_deployed_from: info.lastDeployedFrom,
        ...(mode !== undefined && { placement_mode: mode }),
      },
      script_runtime: { ...presentCompatibility(manifest), usage_model: manifest.usageModel, limits: presentLimits(manifest) },
    },
    startup_time_ms: info.startupTimeMs,
  };
}

export function presentAnnotations({ manifest, info }: Pick<VersionView, "manifest" | "info">): WireAnnotations {
  return {
    ...(info.message !== null && { "workers/message": info.message }),
    ...(manifest.tag !== null && { "workers/tag": manifest.tag }),
    ...(info.alias !== null && { "workers/alias": info.alias }),
    "workers/triggered_by": info.triggeredBy,
  };
}

export function presentCompatibility(manifest: Manifest): {
  readonly compatibility_date?: string;
  readonly compatibility_flags: readonly string[];
} {
  return {
    ...(manifest.compatibilityDate !== null && { compatibility_date: manifest.compatibilityDate }),
    compatibility_flags: manifest.compatibilityFlags,
  };
}

/** Old `versions secret` sends back what it finds here, and wants an object (wire.md 5.3). */
function presentLimits({ limits }: Manifest): WireLimits {
  return {
    ...(limits?.cpuMs !== undefined && { cpu_ms: limits.cpuMs }),
    ...(limits?.subrequests !== undefined && { subrequests: limits.subrequests }),
  };
}

/** Only when there are some: an empty object is a change to Terraform. */
export function presentStatedLimits(manifest: Manifest): { readonly limits?: WireLimits } {
  const limits = presentLimits(manifest);
  return Object.keys(limits).length === 0 ? {} : { limits };
}

export function presentPlacement(manifest: Manifest): { readonly placement?: unknown; readonly placement_mode?: string } {
  const mode = placementMode(manifest);
  return manifest.placement === null
    ? {}
    : { placement: fromJsonText(manifest.placement), ...(mode !== undefined && { placement_mode: mode }) };
}

function placementMode(manifest: Manifest): string | undefined {
  const { mode } = objectOf(fromJsonText(manifest.placement));
  return mode === undefined ? undefined : mode === "smart" ? "smart" : "targeted";
}
