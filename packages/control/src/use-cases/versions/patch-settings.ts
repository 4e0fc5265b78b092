import { CorralError } from "@corral/base";
import type { Parts } from "../../parts.ts";
import { isFullyDeployed } from "../../rules/fully-deployed.ts";
import type { Caller, SettingsPatch, WorkerView } from "../../types.ts";
import type { WorkerState } from "../../state/workers.ts";
import { mustExist, mustHaveVersions, workerView } from "../../views.ts";
import { editSettings } from "../workers/edit-settings.ts";
import { makeVersion } from "./make.ts";
import { authoriseUpload } from "./upload-parts.ts";

const VERSIONED = ["bindings", "compatibilityDate", "compatibilityFlags", "usageModel", "limits", "placement"] as const;

/**
 * PATCH S/settings: a version with this complete set of bindings (unchanged when not stated), deployed at 100 %.
 * Needs the newest version to be fully deployed (10214), unless only script-level settings are stated.
 */
export async function patchSettings(parts: Parts, caller: Caller, worker: string, patch: SettingsPatch): Promise<WorkerView> {
  authoriseUpload(caller, patch.bindings ?? []);
  if (!VERSIONED.some((key) => patch[key] !== undefined)) return editSettings(parts, caller, worker, patch.settings ?? {});
  const { compatibilityDate, compatibilityFlags, usageModel, limits, placement } = patch;
  const stated = { compatibilityDate, compatibilityFlags, usageModel, limits, placement };
  const triggeredBy = hasSecrets(patch) ? "secret" : "upload";
  return makeVersion(
    parts,
    caller,
    worker,
    {
      code: "keep",
      bindings: patch.bindings ?? [],
      keep: patch.bindings === undefined ? "all" : [],
      strictInherit: false,
      runtime: Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined)),
      annotations: { message: patch.message ?? null, tag: patch.tag ?? null },
      settings: patch.settings ?? {},
      triggeredBy,
      deployment: { triggeredBy, message: null },
      // A secret edit is not refused for what the code makes of the value; another runtime is tried first.
      prove: compatibilityDate !== undefined || compatibilityFlags !== undefined,
      subject: editable,
    },
    ({ state }) => workerView(state),
  );
}

function editable(found: WorkerState | undefined): WorkerState {
  const state = mustExist(found);
  mustHaveVersions(state);
  if (!isFullyDeployed(state.worker.head)) throw new CorralError("settings.version-not-deployed");
  return state;
}

function hasSecrets(patch: SettingsPatch): boolean {
  return (patch.bindings ?? []).some(({ type }) => type === "secret_text" || type === "secret_key");
}
