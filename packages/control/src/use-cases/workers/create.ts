import type { ScriptSettings } from "@corral/base";
import { CorralError } from "@corral/base";
import { authorise } from "../../authorise.ts";
import { mutate } from "../../mutate.ts";
import { mustHaveRoom, unbornWorker } from "../../new-worker.ts";
import type { Parts } from "../../parts.ts";
import { planChange, stampFor } from "../../plan-change.ts";
import { checkWorkerName } from "../../rules/names.ts";
import { mergeSettings } from "../../rules/settings.ts";
import { unwrap } from "../../rules/unwrap.ts";
import type { Caller, SubdomainInput, WorkerView } from "../../types.ts";
import { workerView } from "../../views.ts";
import { subdomainHead } from "./set-subdomain.ts";

/** An empty Worker, without versions. Throws "worker.exists" (10040). */
export async function createWorker(
  parts: Parts,
  caller: Caller,
  name: string,
  settings: Partial<ScriptSettings>,
  subdomain?: SubdomainInput,
): Promise<WorkerView> {
  authorise(caller, "worker.write");
  unwrap(checkWorkerName(name));
  await mustHaveRoom(parts, caller);
  return mutate(parts, caller, name, async (found) => {
    if (found !== undefined) throw new CorralError("worker.exists");
    const state = unbornWorker(parts, caller, name);
    const { plan, next } = await planChange(parts, caller, state, stampFor(parts, state), {
      settings: mergeSettings(state.worker.settings, settings),
      ...(subdomain !== undefined && { head: subdomainHead(subdomain) }),
      audit: [{ action: "worker.create" }],
    });
    return { plan, next, result: workerView(next) };
  });
}
