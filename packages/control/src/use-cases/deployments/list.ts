import { CorralError, isUuid } from "@corral/base";
import type { DeploymentRow } from "@corral/storage";
import { authorise } from "../../authorise.ts";
import { pageOf } from "../../paging.ts";
import type { Parts } from "../../parts.ts";
import type { Caller, Paging } from "../../types.ts";

/** Newest first; the first is the active one. */
export async function listDeployments(
  parts: Parts,
  caller: Caller,
  worker: string,
  paging: Paging,
): Promise<readonly DeploymentRow[]> {
  authorise(caller, "worker.read");
  const row = await verifiedRow(parts, caller, worker);
  return parts.store.deployments.list(row.workerId, pageOf(paging));
}

/** Throws "deployment.not-found" (10336). */
export async function getDeployment(parts: Parts, caller: Caller, worker: string, deploymentId: string): Promise<DeploymentRow> {
  authorise(caller, "worker.read");
  const row = await verifiedRow(parts, caller, worker);
  const deployment = isUuid(deploymentId) ? await parts.store.deployments.find(row.workerId, deploymentId) : undefined;
  if (deployment === undefined) throw new CorralError("deployment.not-found");
  return deployment;
}

async function verifiedRow(parts: Parts, caller: Caller, worker: string): Promise<{ readonly workerId: string }> {
  const row = await parts.workers.findRow(caller.accountId, worker);
  if (row === undefined) throw new CorralError("worker.not-found");
  await parts.workers.verifyHead(row);
  return row;
}
