import type { ScriptSettings } from "@corral/base";
import { authorise } from "../../authorise.ts";
import { mutate } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import { planChange, stampFor } from "../../plan-change.ts";
import { mergeSettings } from "../../rules/settings.ts";
import type { Caller, WorkerView } from "../../types.ts";
import { mustExist, workerView } from "../../views.ts";

/** Script-level settings: nothing is versioned, nothing deployed. */
export async function editSettings(
  parts: Parts,
  caller: Caller,
  nameOrId: string,
  settings: Partial<ScriptSettings>,
): Promise<WorkerView> {
  authorise(caller, "worker.write");
  return mutate(parts, caller, nameOrId, async (found) => {
    const state = mustExist(found);
    const { plan, next } = await planChange(parts, caller, state, stampFor(parts, state), {
      settings: mergeSettings(state.worker.settings, settings),
      audit: [{ action: "worker.settings" }],
    });
    return { plan, next, result: workerView(next) };
  });
}
