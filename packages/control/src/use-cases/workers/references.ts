import { setImmediate } from "node:timers/promises";
import { authorise } from "../../authorise.ts";
import type { Parts } from "../../parts.ts";
import type { KnownVersion } from "../../state/known-versions.ts";
import type { WorkerState } from "../../state/workers.ts";
import type { Caller } from "../../types.ts";
import { mustExist } from "../../views.ts";

const PAGE = 200;

/** Names of the Workers whose newest or live version binds this one as a service. */
export async function listReferences(parts: Parts, caller: Caller, name: string): Promise<readonly string[]> {
  authorise(caller, "worker.read");
  const state = mustExist(await parts.workers.find(caller.accountId, name));
  return findReferences(parts, caller, state.worker.head.name);
}

/** Looks through the account, a page at a time, so that other requests are served meanwhile. */
export async function findReferences(parts: Parts, caller: Caller, name: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const rows = await parts.store.workers.list(caller.accountId, { limit: PAGE, offset });
    for (const row of rows) {
      if (row.head.name !== name && (await bindsService(parts, await parts.workers.verify(row), name))) names.push(row.head.name);
    }
    if (rows.length < PAGE) return names;
    await setImmediate();
  }
}

async function bindsService(parts: Parts, state: WorkerState, service: string): Promise<boolean> {
  if (binds(state.newest, service)) return true;
  const { workerId, head } = state.worker;
  for (const { versionId } of head.shares) {
    if (binds(await parts.versions.find(state.crypto, workerId, versionId), service)) return true;
  }
  return false;
}

function binds(version: KnownVersion | undefined, service: string): boolean {
  return version?.manifest.bindings.some((binding) => binding.type === "service" && binding.service === service) ?? false;
}
