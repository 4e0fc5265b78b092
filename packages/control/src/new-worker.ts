/** A Worker before its first plan: an identity, fresh keys, an empty head of epoch 0. */
import { CorralError, newUuid } from "@corral/base";
import type { Parts } from "./parts.ts";
import { stampFor } from "./plan-change.ts";
import { checkWorkerName } from "./rules/names.ts";
import { noSettings } from "./rules/settings.ts";
import { unwrap } from "./rules/unwrap.ts";
import type { WorkerState } from "./state/workers.ts";
import type { Caller } from "./types.ts";

/** Throws "worker.name-invalid". */
export function unbornWorker(parts: Parts, caller: Caller, name: string): WorkerState {
  unwrap(checkWorkerName(name));
  const { accountId } = caller;
  const workerId = newUuid(parts.ids);
  const createdOn = stampFor(parts, undefined);
  const { routeNewWorkers } = parts.policy;
  return {
    crypto: parts.keys.create(accountId, workerId, createdOn),
    newest: undefined,
    worker: {
      workerId,
      accountId,
      createdOn,
      modifiedOn: createdOn,
      settings: noSettings,
      head: {
        workerId,
        accountId,
        name,
        epoch: 0,
        newestVersionId: null,
        newestNumber: 0,
        deploymentId: null,
        shares: [],
        routed: routeNewWorkers,
        previews: routeNewWorkers,
      },
      // Replaced by the first plan, which is the first to have a head worth authenticating.
      headMac: new Uint8Array(),
    },
  };
}

/** Throws "worker.too-many" (10037). */
export async function mustHaveRoom(parts: Parts, caller: Caller): Promise<void> {
  const limit = parts.limits.workers;
  if ((await parts.store.workers.count(caller.accountId)) >= limit)
    throw new CorralError("worker.too-many", { params: { limit } });
}
