import { isDeepStrictEqual } from "node:util";
import type { ScriptSettings } from "@corral/base";
import { authorise } from "../../authorise.ts";
import { mutate } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import { planChange, stampFor } from "../../plan-change.ts";
import { mergeSettings } from "../../rules/settings.ts";
import type { Caller, WorkerView } from "../../types.ts";
import { mustExist, workerView } from "../../views.ts";

/** Script-level settings: nothing is versioned, nothing deployed; what is the same already changes nothing. */
export async function editSettings(
  parts: Parts,
  caller: Caller,
  nameOrId: string,
  settings: Partial<ScriptSettings>,
): Promise<WorkerView> {
  authorise(caller, "worker.write");
  return mutate(parts, caller, nameOrId, async (found) => {
    const state = mustExist(found);
    const merged = mergeSettings(state.worker.settings, settings);
    // wrangler sends them with each deploy.
    if (isDeepStrictEqual(merged, state.worker.settings)) {
      return { plan: undefined, next: state, result: workerView(state) };
    }
    const { plan, next } = await planChange(parts, caller, state, stampFor(parts, state), {
      settings: merged,
      audit: [{ action: "worker.settings" }],
    });
    return { plan, next, result: workerView(next) };
  });
}
