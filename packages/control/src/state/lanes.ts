/**
 * One lane per Worker: writers take turns to decide, and do not wait for each other's commits.
 *
 * A writer decides upon the state that the writer before it has handed to the store, durable or not, so that many
 * writes to one Worker share one fsync. The store applies plans in order and refuses each whose epoch has not come; if a
 * plan fails, those built upon it conflict, the lane forgets what was not stored, and they decide again.
 * Only answers that follow from durable state leave: `settled` is awaited before a refusal that was decided on less.
 */
export interface Turn<S> {
  /** What the writer before left to be committed; undefined: read the store. */
  readonly tip: S | undefined;
  /** Hands the turn over: the next writer decides upon `next` while `commit` is still under way. */
  advance(next: S, commit: Promise<boolean>): void;
  /** Resolves when every commit that was under way has ended. */
  settled(): Promise<void>;
  /** Ends the turn; at once after `advance`. */
  leave(): void;
}

interface Lane<S> {
  tail: Promise<void>;
  waiting: number;
  tip: S | undefined;
  /** Commits under way. */
  readonly commits: Set<Promise<boolean>>;
}

export class Lanes<S> {
  readonly #lanes = new Map<string, Lane<S>>();

  async enter(key: string): Promise<Turn<S>> {
    const lane = this.#lanes.get(key) ?? this.#create(key);
    const before = lane.tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    lane.tail = promise;
    lane.waiting++;
    await before;
    return {
      tip: lane.tip,
      advance: (next, commit) => this.#advance(key, lane, next, commit),
      settled: async () => {
        await Promise.allSettled(lane.commits);
      },
      leave: () => {
        lane.waiting--;
        resolve();
        this.#drop(key, lane);
      },
    };
  }

  /** For tests: lanes do not pile up. */
  get size(): number {
    return this.#lanes.size;
  }

  #create(key: string): Lane<S> {
    const lane: Lane<S> = { tail: Promise.resolve(), waiting: 0, tip: undefined, commits: new Set() };
    this.#lanes.set(key, lane);
    return lane;
  }

  #advance(key: string, lane: Lane<S>, next: S, commit: Promise<boolean>): void {
    lane.tip = next;
    lane.commits.add(commit);
    const end = (committed: boolean): void => {
      lane.commits.delete(commit);
      if (!committed || lane.commits.size === 0) lane.tip = undefined;
      this.#drop(key, lane);
    };
    commit.then(end, () => end(false));
  }

  #drop(key: string, lane: Lane<S>): void {
    if (lane.waiting === 0 && lane.commits.size === 0) this.#lanes.delete(key);
  }
}
