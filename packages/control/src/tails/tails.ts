/**
 * Who watches which Worker's tail, in this process. Nothing of it is stored: a tail is a connection, and it ends with
 * the process, its Worker, its token, its time, or a minute after its connection did.
 *
 * The capability in a tail's URL is all that opens it (clients send no credentials there), so it is told once and
 * never listed; the id is what is listed and does not open anything.
 */
import { type Clock, CorralError, ownWord, type Random, toHex, type Uuid } from "@corral/base";
import type { FeedTrace, TailFilter } from "@corral/contract";
import { isWanted } from "./filter.ts";

/** Where a tail's invocations go. */
export interface TailSink {
  /** Must neither throw nor wait. */
  put(trace: FeedTrace): void;
  /** The tail has ended, or another connection took its place. */
  end(reason: "ended" | "expired" | "replaced"): void;
}

export interface TailRequest {
  readonly workerId: Uuid;
  readonly tokenId: string;
  readonly filters: readonly TailFilter[];
  readonly clientAddress: string;
}

export interface Tail {
  readonly id: string;
  readonly workerId: Uuid;
  readonly tokenId: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly isConnected: boolean;
}

export interface TailLimits {
  readonly perWorker: number;
  readonly inAll: number;
  readonly lifeMs: number;
  /** How long it waits for another connection after one has ended. */
  readonly reconnectMs: number;
}

export const defaultTailLimits: TailLimits = { perWorker: 10, inAll: 200, lifeMs: 3_600_000, reconnectMs: 60_000 };

export interface TailsOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Somebody began to watch a Worker, or nobody does any more. */
  readonly onFlip: () => void;
  readonly limits?: TailLimits;
}

interface Live {
  readonly id: string;
  readonly capability: string;
  readonly request: TailRequest;
  readonly createdAt: number;
  expiresAt: number;
  timer: NodeJS.Timeout | undefined;
  sink: TailSink | undefined;
}

export class Tails {
  readonly #options: TailsOptions;
  readonly #limits: TailLimits;
  readonly #byCapability = new Map<string, Live>();
  readonly #byWorker = new Map<Uuid, Set<Live>>();
  /** When each Worker's being watched last began or ended, as a count. */
  readonly #flips = new Map<Uuid, number>();
  #count = 0;

  constructor(options: TailsOptions) {
    this.#options = options;
    this.#limits = options.limits ?? defaultTailLimits;
  }

  /** Throws "tail.too-many"; one that nobody is connected to makes room for another. */
  begin(request: TailRequest): { readonly tail: Tail; readonly capability: string } {
    const { clock, random } = this.#options;
    this.#makeRoom([...(this.#byWorker.get(request.workerId) ?? [])], this.#limits.perWorker, "this Worker");
    this.#makeRoom([...this.#byCapability.values()], this.#limits.inAll, "this installation");
    const now = clock.now();
    const live: Live = {
      id: toHex(random.bytes(16)),
      capability: toHex(random.bytes(32)),
      request,
      createdAt: now,
      expiresAt: now + this.#limits.lifeMs,
      timer: undefined,
      sink: undefined,
    };
    this.#byCapability.set(live.capability, live);
    const ofWorker = this.#byWorker.get(request.workerId) ?? new Set();
    this.#byWorker.set(request.workerId, ofWorker.add(live));
    if (ofWorker.size === 1) this.#flip(request.workerId);
    this.#schedule(live, this.#limits.lifeMs);
    return { tail: viewOf(live), capability: live.capability };
  }

  list(workerId: Uuid): readonly Tail[] {
    return [...(this.#byWorker.get(workerId) ?? [])].map(viewOf);
  }

  /** Its time begins anew. Throws "tail.not-found". */
  extend(workerId: Uuid, id: string): Tail {
    const live = this.#get(workerId, id);
    live.expiresAt = this.#options.clock.now() + this.#limits.lifeMs;
    this.#schedule(live, this.#limits.lifeMs);
    return viewOf(live);
  }

  /** Throws "tail.not-found". */
  end(workerId: Uuid, id: string): void {
    this.#remove(this.#get(workerId, id), "ended");
  }

  endOfWorker(workerId: Uuid): void {
    for (const live of this.#byWorker.get(workerId) ?? []) this.#remove(live, "ended");
  }

  endOfToken(tokenId: string): void {
    for (const live of this.#byCapability.values()) if (live.request.tokenId === tokenId) this.#remove(live, "ended");
  }

  isTailed(workerId: Uuid): boolean {
    return this.#byWorker.has(workerId);
  }

  /** Workers whose being watched began or ended after `count`, with the count as it is now. */
  flippedSince(count: number): { readonly workerIds: readonly Uuid[]; readonly count: number } {
    const workerIds = [...this.#flips].filter(([, at]) => at > count).map(([workerId]) => workerId);
    return { workerIds, count: this.#count };
  }

  /** undefined: there is no such tail. `detach` says that the connection is gone. */
  attach(capability: string, sink: TailSink): { readonly expiresAt: number; detach(): void } | undefined {
    const live = this.#byCapability.get(capability);
    if (live === undefined) return undefined;
    live.sink?.end("replaced");
    live.sink = sink;
    this.#schedule(live, live.expiresAt - this.#options.clock.now());
    return {
      expiresAt: live.expiresAt,
      detach: () => {
        if (live.sink !== sink) return;
        live.sink = undefined;
        this.#schedule(live, Math.min(this.#limits.reconnectMs, live.expiresAt - this.#options.clock.now()));
      },
    };
  }

  publish(traces: readonly FeedTrace[]): void {
    for (const trace of traces) {
      for (const { sink, request } of this.#byWorker.get(trace.workerId) ?? []) {
        if (sink !== undefined && isWanted(trace, { ...request, chance: () => this.#chance() })) sink.put(trace);
      }
    }
  }

  #chance(): number {
    const [a = 0, b = 0, c = 0] = this.#options.random.bytes(3);
    return (a * 65_536 + b * 256 + c) / 16_777_216;
  }

  #makeRoom(there: readonly Live[], most: number, scope: string): void {
    if (there.length < most) return;
    const idle = there.find(({ sink }) => sink === undefined);
    if (idle === undefined) throw new CorralError("tail.too-many", { params: { count: there.length, scope: ownWord(scope) } });
    this.#remove(idle, "ended");
  }

  #get(workerId: Uuid, id: string): Live {
    for (const live of this.#byWorker.get(workerId) ?? []) if (live.id === id) return live;
    throw new CorralError("tail.not-found");
  }

  #schedule(live: Live, ms: number): void {
    clearTimeout(live.timer);
    live.timer = setTimeout(() => this.#remove(live, "expired"), Math.max(0, ms));
    live.timer.unref();
  }

  #remove(live: Live, reason: "ended" | "expired"): void {
    const { workerId } = live.request;
    const ofWorker = this.#byWorker.get(workerId);
    if (ofWorker?.delete(live) !== true) return;
    clearTimeout(live.timer);
    this.#byCapability.delete(live.capability);
    if (ofWorker.size === 0) {
      this.#byWorker.delete(workerId);
      this.#flip(workerId);
    }
    live.sink?.end(reason);
  }

  #flip(workerId: Uuid): void {
    this.#count += 1;
    this.#flips.set(workerId, this.#count);
    this.#options.onFlip();
  }
}

function viewOf({ id, request, createdAt, expiresAt, sink }: Live): Tail {
  return { id, workerId: request.workerId, tokenId: request.tokenId, createdAt, expiresAt, isConnected: sink !== undefined };
}
