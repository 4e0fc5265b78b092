import type { ScriptSettings } from "@corral/base";

export const noSettings: ScriptSettings = {
  tags: null,
  logpush: false,
  observability: null,
  tailConsumers: null,
  schedules: [],
};

/** Script-level settings after a partial edit; a key that is not stated stays. */
export function mergeSettings(current: ScriptSettings, patch: Partial<ScriptSettings>): ScriptSettings {
  return { ...current, ...patch };
}
