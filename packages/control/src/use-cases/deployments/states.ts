import { CorralError } from "@corral/base";
import { authorise } from "../../authorise.ts";
import type { Parts } from "../../parts.ts";
import type { Caller, NodeState } from "../../types.ts";

/** What the nodes last said; with `wait`, once each has settled that epoch or the time is up. */
export async function deploymentStates(
  parts: Parts,
  caller: Caller,
  worker: string,
  wait?: { readonly epoch: number; readonly timeoutMs: number },
): Promise<readonly NodeState[]> {
  authorise(caller, "worker.read");
  const row = await parts.workers.findRow(caller.accountId, worker);
  if (row === undefined) throw new CorralError("worker.not-found");
  if (wait !== undefined) await parts.nodes.settled(row.workerId, wait.epoch, wait.timeoutMs);
  const { epoch } = row.head;
  // A node that has not heard of the newest head is on its way to it, whatever it said of an older one.
  return parts.nodes.list(row.workerId).map((heard) => (heard.epoch < epoch ? { ...heard, state: "converging" } : heard));
}
