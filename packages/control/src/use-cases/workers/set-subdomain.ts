import type { Head } from "@corral/base";
import { authorise } from "../../authorise.ts";
import { mutate } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import { planChange, stampFor } from "../../plan-change.ts";
import type { Caller, SubdomainInput, WorkerView } from "../../types.ts";
import { mustExist, workerView } from "../../views.ts";

/** Previews follow `enabled` where they are not stated (wire.md 6.6). */
export function subdomainHead({ enabled, previewsEnabled }: SubdomainInput): Pick<Head, "routed" | "previews"> {
  return { routed: enabled, previews: previewsEnabled ?? enabled };
}

export async function setSubdomain(
  parts: Parts,
  caller: Caller,
  nameOrId: string,
  subdomain: SubdomainInput,
): Promise<WorkerView> {
  authorise(caller, "worker.write");
  return mutate(parts, caller, nameOrId, async (found) => {
    const state = mustExist(found);
    const head = subdomainHead(subdomain);
    if (state.worker.head.routed === head.routed && state.worker.head.previews === head.previews) {
      return { plan: undefined, next: state, result: workerView(state) };
    }
    const { plan, next } = await planChange(parts, caller, state, stampFor(parts, state), {
      head,
      audit: [{ action: "worker.subdomain" }],
    });
    return { plan, next, result: workerView(next) };
  });
}
