/** What the nodes last said of each Worker's head. In memory: after a restart the nodes report again. */
import type { Uuid } from "@corral/base";
import type { FeedState } from "@corral/contract";
import type { NodeState } from "../types.ts";

export interface NodeStates {
  report(state: FeedState): void;
  /** One entry per node that was ever heard of; a node that said nothing about this Worker is "converging" at epoch 0. */
  list(workerId: Uuid): readonly NodeState[];
  /** Resolves true when there is a node and every node has settled `epoch` or a later one; false when the time is up. */
  settled(workerId: Uuid, epoch: number, timeoutMs: number): Promise<boolean>;
  forget(workerId: Uuid): void;
}

type Heard = Pick<NodeState, "epoch" | "state" | "reason">;

const UNHEARD: Heard = { epoch: 0, state: "converging", reason: null };
/** Names come from authenticated nodes; a bound all the same, so that a broken one cannot fill the memory. */
const MAX_NODES = 1000;

export function createNodeStates(): NodeStates {
  const nodes = new Set<string>();
  const workers = new Map<Uuid, Map<string, Heard>>();
  const waiting = new Map<Uuid, Set<() => void>>();

  const list = (workerId: Uuid): readonly NodeState[] =>
    [...nodes].map((node) => ({ node, ...(workers.get(workerId)?.get(node) ?? UNHEARD) }));
  const isSettled = (workerId: Uuid, epoch: number): boolean =>
    nodes.size > 0 && list(workerId).every((heard) => heard.epoch >= epoch && heard.state !== "converging");

  return {
    list,
    report({ node, workerId, epoch, state, reason }) {
      if (!nodes.has(node) && nodes.size >= MAX_NODES) return;
      nodes.add(node);
      const heard = workers.get(workerId) ?? new Map<string, Heard>();
      workers.set(workerId, heard);
      // Reports may overtake each other; an older epoch says nothing new.
      if ((heard.get(node)?.epoch ?? 0) > epoch) return;
      heard.set(node, { epoch, state, reason: reason ?? null });
      for (const wake of waiting.get(workerId) ?? []) wake();
    },
    settled(workerId, epoch, timeoutMs) {
      if (isSettled(workerId, epoch)) return Promise.resolve(true);
      return new Promise((resolve) => {
        const wakes = waiting.get(workerId) ?? new Set();
        waiting.set(workerId, wakes);
        const end = (settled: boolean): void => {
          clearTimeout(timer);
          wakes.delete(wake);
          if (wakes.size === 0 && waiting.get(workerId) === wakes) waiting.delete(workerId);
          resolve(settled);
        };
        const wake = (): void => {
          if (isSettled(workerId, epoch)) end(true);
        };
        const timer = setTimeout(() => end(false), timeoutMs);
        timer.unref();
        wakes.add(wake);
      });
    },
    forget: (workerId) => void workers.delete(workerId),
  };
}
