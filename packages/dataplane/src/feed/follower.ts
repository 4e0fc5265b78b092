/**
 * Keeps the node at what the feed says. The stream of changes is a hint that something moved; the list of heads is the
 * truth and is read after each connect and from time to time. Each Worker has at most one apply under way, and what
 * comes meanwhile is one more apply afterwards: it fetches the newest head whatever asked for it.
 */
import type { Uuid } from "@corral/base";
import type { FeedHead, FeedHello } from "@corral/contract";
import type { FeedClient } from "./client.ts";

export interface FollowerOptions {
  readonly feed: FeedClient;
  /** Brings one Worker to its newest head. Must not reject. */
  readonly apply: (workerId: Uuid) => Promise<void>;
  /** Workers that are here with the epoch they are at. */
  readonly placed: () => ReadonlyMap<Uuid, number>;
  /** Whether this Worker's invocations are sent; as the list of heads says it must be. */
  readonly isTailed?: (workerId: Uuid) => boolean;
  /** At each connect, before anything is applied. */
  readonly onHello: (hello: FeedHello) => void;
  readonly reconcileEveryMs: number;
  readonly concurrency: number;
}

export interface Follower {
  /** Resolves when every head that there was has been applied. */
  readonly synced: Promise<void>;
  /** Applies this Worker's newest head; resolves when an apply that began after this call has ended. */
  refresh(workerId: Uuid): Promise<void>;
  stop(): Promise<void>;
}

const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 2_000;

export function startFollower({
  feed,
  apply,
  placed,
  isTailed,
  onHello,
  reconcileEveryMs,
  concurrency,
}: FollowerOptions): Follower {
  const stopped = new AbortController();
  const queue = createApplyQueue(apply, concurrency);
  const { promise: synced, resolve: setSynced } = Promise.withResolvers<void>();

  async function reconcile(): Promise<void> {
    const heads = await feed.heads();
    const here = placed();
    const wanted = new Map(heads.map(({ workerId, epoch }) => [workerId, epoch]));
    const isBehind = ({ workerId, epoch, tailed }: FeedHead): boolean =>
      here.get(workerId) !== epoch || (isTailed !== undefined && isTailed(workerId) !== (tailed ?? false));
    const moved = heads.filter(isBehind).map(({ workerId }) => workerId);
    const gone = [...here.keys()].filter((workerId) => !wanted.has(workerId));
    await Promise.all([...moved, ...gone].map((workerId) => queue.add(workerId)));
  }

  async function run(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    let timer: NodeJS.Timeout | undefined;
    while (!stopped.signal.aborted) {
      try {
        const hello = await feed.hello();
        onHello(hello);
        const onOpen = (): void => {
          backoffMs = FIRST_BACKOFF_MS;
          reconcile().then(setSynced, () => {});
        };
        timer = setInterval(() => void reconcile().catch(() => {}), reconcileEveryMs);
        await feed.follow(hello.seq, onOpen, ({ workerId }) => void queue.add(workerId), stopped.signal);
      } catch {
        // The control plane is away: what is here goes on serving.
      } finally {
        clearInterval(timer);
      }
      await pause(backoffMs, stopped.signal);
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
    }
  }

  const running = run();
  return {
    synced,
    refresh: (workerId) => queue.add(workerId),
    async stop() {
      stopped.abort();
      await running;
      await queue.idle();
    },
  };
}

interface ApplyQueue {
  /** Resolves when an apply that began after this call has ended. */
  add(workerId: Uuid): Promise<void>;
  idle(): Promise<void>;
}

function createApplyQueue(apply: (workerId: Uuid) => Promise<void>, concurrency: number): ApplyQueue {
  const running = new Map<Uuid, Promise<void>>();
  const next = new Map<Uuid, Promise<void>>();
  const waiting: (() => void)[] = [];
  let free = concurrency;

  async function inSlot(workerId: Uuid): Promise<void> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      await apply(workerId);
    } finally {
      const waiter = waiting.shift();
      if (waiter === undefined) free += 1;
      else waiter();
    }
  }

  function begin(workerId: Uuid): Promise<void> {
    const work = inSlot(workerId).finally(() => {
      if (running.get(workerId) === work) running.delete(workerId);
    });
    running.set(workerId, work);
    return work;
  }

  return {
    add(workerId) {
      const queued = next.get(workerId);
      if (queued !== undefined) return queued;
      const current = running.get(workerId);
      if (current === undefined) return begin(workerId);
      const following = current.then(() => {
        next.delete(workerId);
        return begin(workerId);
      });
      next.set(workerId, following);
      return following;
    },
    async idle() {
      while (running.size > 0 || next.size > 0) await Promise.allSettled([...running.values(), ...next.values()]);
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
