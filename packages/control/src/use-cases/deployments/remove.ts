import { CorralError, isUuid } from "@corral/base";
import { authorise } from "../../authorise.ts";
import { mutate } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import { planChange, stampFor } from "../../plan-change.ts";
import type { Caller } from "../../types.ts";
import { mustExist } from "../../views.ts";

/** Takes a deployment out of the history. The active one stays ("deployment.active"). */
export async function removeDeployment(parts: Parts, caller: Caller, worker: string, deploymentId: string): Promise<void> {
  authorise(caller, "worker.write");
  await mutate(parts, caller, worker, async (found) => {
    const state = mustExist(found);
    if (state.worker.head.deploymentId === deploymentId) throw new CorralError("deployment.active");
    const row = isUuid(deploymentId) ? await parts.store.deployments.find(state.worker.workerId, deploymentId) : undefined;
    if (row === undefined) throw new CorralError("deployment.not-found");
    const { plan, next } = await planChange(parts, caller, state, stampFor(parts, state), {
      destroy: { versionIds: [], recordIds: [], deploymentIds: [row.deploymentId] },
      audit: [{ action: "deployment.delete", subject: row.deploymentId }],
    });
    return { plan, next, result: undefined };
  });
}
