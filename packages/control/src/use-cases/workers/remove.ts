import { acceptedName, CorralError, timestamp } from "@corral/base";
import { authorise } from "../../authorise.ts";
import { mutate } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import { auditRows, expected } from "../../plan-change.ts";
import type { Caller } from "../../types.ts";
import { mustExist } from "../../views.ts";
import { findReferences } from "./references.ts";

/** The Worker with its versions, records and keys. Throws "worker.referenced" (10142) unless forced. */
export async function removeWorker(
  parts: Parts,
  caller: Caller,
  name: string,
  options: { readonly force: boolean },
): Promise<void> {
  authorise(caller, "worker.write");
  const { workerId, head } = mustExist(await parts.workers.find(caller.accountId, name)).worker;
  if (!options.force) {
    const names = await findReferences(parts, caller, head.name);
    if (names.length > 0) throw new CorralError("worker.referenced", { params: { names: acceptedName(names.join(", ")) } });
  }
  await mutate(parts, caller, name, async (found) => {
    const state = mustExist(found);
    const { worker } = state;
    const audit = auditRows(caller, worker, timestamp(parts.clock.now()), [{ action: "worker.delete" }], null, null);
    return {
      plan: { workerId: worker.workerId, ...expected(state), worker: null, audit },
      next: undefined,
      result: undefined,
      committed: () => {
        parts.keys.forget(workerId);
        parts.nodes.forget(workerId);
        parts.tails.endOfWorker(workerId);
      },
    };
  });
}
