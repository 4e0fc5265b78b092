/** Live tails of a Worker: who may watch, and who does. Beginning and ending one is no change of the Worker. */
import type { Uuid } from "@corral/base";
import type { TailFilter } from "@corral/contract";
import { authorise } from "../../authorise.ts";
import type { Parts } from "../../parts.ts";
import { plainAddress } from "../../tails/filter.ts";
import type { Tail } from "../../tails/tails.ts";
import type { Caller } from "../../types.ts";
import { mustExist } from "../../views.ts";

export async function createTail(
  parts: Parts,
  caller: Caller,
  worker: string,
  request: { readonly filters: readonly TailFilter[]; readonly clientAddress: string },
): Promise<{ readonly tail: Tail; readonly capability: string }> {
  const workerId = await watched(parts, caller, worker);
  const clientAddress = plainAddress(request.clientAddress);
  return parts.tails.begin({ workerId, tokenId: caller.tokenId, filters: request.filters, clientAddress });
}

export async function listTails(parts: Parts, caller: Caller, worker: string): Promise<readonly Tail[]> {
  return parts.tails.list(await watched(parts, caller, worker));
}

export async function extendTail(parts: Parts, caller: Caller, worker: string, id: string): Promise<Tail> {
  return parts.tails.extend(await watched(parts, caller, worker), id);
}

export async function removeTail(parts: Parts, caller: Caller, worker: string, id: string): Promise<void> {
  parts.tails.end(await watched(parts, caller, worker), id);
}

async function watched(parts: Parts, caller: Caller, worker: string): Promise<Uuid> {
  authorise(caller, "worker.tail");
  return mustExist(await parts.workers.find(caller.accountId, worker)).worker.workerId;
}
