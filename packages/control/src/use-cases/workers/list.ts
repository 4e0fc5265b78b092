import { authorise } from "../../authorise.ts";
import { pageOf } from "../../paging.ts";
import type { Parts } from "../../parts.ts";
import type { Caller, Paging, WorkerView } from "../../types.ts";
import { mustExist, workerView } from "../../views.ts";

/** By name. */
export async function listWorkers(
  parts: Parts,
  caller: Caller,
  paging: Paging,
): Promise<{ readonly workers: readonly WorkerView[]; readonly total: number }> {
  authorise(caller, "worker.read");
  const rows = await parts.store.workers.list(caller.accountId, pageOf(paging));
  const workers: WorkerView[] = [];
  for (const row of rows) workers.push(workerView(await parts.workers.verify(row)));
  return { workers, total: await parts.store.workers.count(caller.accountId) };
}

/** By name, or by the 32 hex digits of its id. Throws "worker.not-found". */
export async function getWorker(parts: Parts, caller: Caller, nameOrId: string): Promise<WorkerView> {
  authorise(caller, "worker.read");
  return workerView(mustExist(await parts.workers.find(caller.accountId, nameOrId)));
}
