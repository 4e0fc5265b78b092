/**
 * The one way a Worker changes: take the lane, read, decide, commit; on conflict once more.
 *
 * A refusal that was decided upon commits still under way is decided again once they have ended, so that no answer
 * rests on what was never stored.
 */
import { CorralError, isAccountId } from "@corral/base";
import type { IdempotencyRow, Plan } from "@corral/storage";
import { answerOnce, idempotencyRow, refuseAnswered } from "./idempotency.ts";
import type { Parts, Tip } from "./parts.ts";
import type { Turn } from "./state/lanes.ts";
import type { WorkerState } from "./state/workers.ts";
import type { Caller } from "./types.ts";

/** Many replicas may write to one Worker at once; each round lets one of them through. */
const ATTEMPTS = 16;

export interface Decision<T> {
  /** undefined: nothing to change. */
  readonly plan: Plan | undefined;
  /** The Worker after the plan; undefined: deleted. */
  readonly next: WorkerState | undefined;
  readonly result: T;
  /** Runs once the plan is durable. */
  readonly committed?: () => void;
}

/** Thrown by a decision that sees that another replica has been faster: it is made again. */
export class Overtaken extends Error {
  override readonly name = "Overtaken";
}

/** `decide` gets undefined for a Worker that is not there; it may run several times and must not change anything. */
export function mutate<T>(
  parts: Parts,
  caller: Caller,
  nameOrId: string,
  decide: (state: WorkerState | undefined) => Promise<Decision<T>>,
): Promise<T> {
  return answerOnce(parts, caller, async () => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const done = await attemptOnce(parts, caller, nameOrId, decide);
      if (done !== undefined) return done.result;
      await refuseAnswered(parts, caller);
    }
    throw new CorralError("worker.conflict");
  });
}

async function attemptOnce<T>(
  parts: Parts,
  caller: Caller,
  nameOrId: string,
  decide: (state: WorkerState | undefined) => Promise<Decision<T>>,
): Promise<Decision<T> | undefined> {
  const name = await canonicalName(parts, caller, nameOrId);
  const turn = await parts.lanes.enter(`${caller.accountId}/${name}`);
  let decision: Decision<T>;
  let commit: Promise<boolean>;
  try {
    decision = await decideOnDurable(parts, caller, name, turn, decide);
    if (decision.plan === undefined) return decision;
    const row = idempotencyRow(parts, caller, decision.result);
    commit = commitPlan(parts, decision.plan, row);
    // A head with a new random id in it is told apart by its MAC from any other of its epoch; one without is not, so
    // nothing is built upon it before it is stored.
    if (decision.plan.versions !== undefined || decision.plan.deployment !== undefined) {
      turn.advance({ state: decision.next }, commit);
    } else await commit;
  } catch (error) {
    if (error instanceof Overtaken) return undefined;
    throw error;
  } finally {
    turn.leave();
  }
  if (!(await commit)) return undefined;
  if (decision.next !== undefined) parts.workers.trust(decision.next.worker);
  decision.committed?.();
  parts.bell.ring();
  return decision;
}

async function decideOnDurable<T>(
  parts: Parts,
  caller: Caller,
  name: string,
  turn: Turn<Tip>,
  decide: (state: WorkerState | undefined) => Promise<Decision<T>>,
): Promise<Decision<T>> {
  if (turn.tip !== undefined) {
    const { state } = turn.tip;
    try {
      const decision = await decide(state?.worker.head.name === name ? state : undefined);
      if (decision.plan !== undefined) return decision;
    } catch {
      // Decided again below, upon what is stored.
    }
    await turn.settled();
  }
  return decide(await parts.workers.find(caller.accountId, name));
}

/** One lane per Worker, however it was addressed. */
async function canonicalName(parts: Parts, caller: Caller, nameOrId: string): Promise<string> {
  if (!isAccountId(nameOrId)) return nameOrId;
  const row = await parts.workers.findRow(caller.accountId, nameOrId);
  return row?.head.name ?? nameOrId;
}

async function commitPlan(parts: Parts, plan: Plan, idempotency: IdempotencyRow | undefined): Promise<boolean> {
  const result = await parts.store.commit(idempotency === undefined ? plan : { ...plan, idempotency });
  return result === "committed";
}
