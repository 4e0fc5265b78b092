import { uuidToHex } from "@corral/base";
import type { WireScript } from "@corral/contract";
import type { WorkerView } from "@corral/control";
import { presentSettings } from "./settings.ts";
import { presentCompatibility, presentPlacement } from "./version.ts";

/** wire.md 6.3. An empty Worker, which the real service does not list here, shows as one without handlers. */
export function presentScript(worker: WorkerView): WireScript {
  const { newest } = worker;
  const manifest = newest?.manifest;
  const info = newest?.info;
  return {
    id: worker.head.name,
    tag: uuidToHex(worker.workerId),
    ...presentSettings(worker.settings),
    etag: info?.etag ?? "",
    handlers: info?.handlers ?? [],
    named_handlers: info?.namedHandlers ?? [],
    created_on: worker.createdOn,
    modified_on: worker.modifiedOn,
    usage_model: manifest?.usageModel ?? "standard",
    ...(manifest === undefined ? { compatibility_flags: [] } : presentCompatibility(manifest)),
    ...(manifest !== undefined && presentPlacement(manifest)),
    last_deployed_from: info?.lastDeployedFrom ?? "api",
    has_assets: false,
    has_modules: manifest?.syntax === "module",
    startup_time_ms: info?.startupTimeMs ?? 0,
    deployment_id: manifest?.versionId ?? "",
    entry_point: manifest?.mainModule ?? "",
    available_on_subdomain: worker.head.routed,
  };
}
