import type { ScriptSettings } from "@corral/base";
import type { WireScriptSettings, WireSettings, WireSubdomain } from "@corral/contract";
import type { VersionView, WorkerView } from "@corral/control";
import { presentBindings } from "./binding.ts";
import { fromJsonText } from "./json.ts";
import { presentAnnotations, presentCompatibility, presentPlacement, presentStatedLimits } from "./version.ts";

/** S/script-settings. Tags come back exactly: other tools keep their ownership in them (other-clients.md 6.20). */
export function presentSettings(settings: ScriptSettings): WireScriptSettings {
  const observability = fromJsonText(settings.observability);
  return {
    logpush: settings.logpush,
    tags: settings.tags ?? [],
    tail_consumers: fromJsonText(settings.tailConsumers) ?? [],
    ...(observability !== undefined && { observability }),
  };
}

/** S/settings: those, and what the newest version has. */
export function presentAllSettings(worker: WorkerView, { manifest, info }: VersionView): WireSettings {
  return {
    ...presentSettings(worker.settings),
    bindings: presentBindings(manifest.bindings),
    ...presentCompatibility(manifest),
    usage_model: manifest.usageModel,
    ...presentStatedLimits(manifest),
    ...presentPlacement(manifest),
    annotations: presentAnnotations({ manifest, info }),
  };
}

export function presentSubdomain({ head }: Pick<WorkerView, "head">): WireSubdomain {
  return { enabled: head.routed, previews_enabled: head.previews };
}

export function presentSchedules({ schedules }: ScriptSettings) {
  return {
    schedules: schedules.map((schedule) => ({
      cron: schedule.cron,
      created_on: schedule.createdOn,
      modified_on: schedule.modifiedOn,
    })),
  };
}
