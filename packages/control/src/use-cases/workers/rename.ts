import { CorralError } from "@corral/base";
import { authorise } from "../../authorise.ts";
import { mutate } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import { planChange, stampFor } from "../../plan-change.ts";
import { checkWorkerName } from "../../rules/names.ts";
import { unwrap } from "../../rules/unwrap.ts";
import type { Caller, WorkerView } from "../../types.ts";
import { mustExist, workerView } from "../../views.ts";

/** Keeps id, versions, secrets and traffic; the old name is free at once. Throws "worker.exists" (10040). */
export async function renameWorker(parts: Parts, caller: Caller, nameOrId: string, name: string): Promise<WorkerView> {
  authorise(caller, "worker.write");
  unwrap(checkWorkerName(name));
  return mutate(parts, caller, nameOrId, async (found) => {
    const state = mustExist(found);
    if (state.worker.head.name === name) return { plan: undefined, next: state, result: workerView(state) };
    if ((await parts.store.workers.find(caller.accountId, name)) !== undefined) throw new CorralError("worker.exists");
    const { plan, next } = await planChange(parts, caller, state, stampFor(parts, state), {
      head: { name },
      audit: [{ action: "worker.rename", subject: state.worker.head.name }],
    });
    return { plan, next, result: workerView(next) };
  });
}
