/**
 * Group commit: plans that arrive in one tick of the event loop are written together and answered together, after
 * their fsync. Under load a group fills while the one before it is written, so durability costs little (perf.md 2).
 */
import { CorralError } from "@corral/base";
import type { CommitResult } from "../store.ts";
import type { Change, GroupWriter } from "./group.ts";

/** More wait for the next tick, so that reads and answers get their turn. */
const MAX_GROUP = 256;

interface Waiting {
  readonly change: Change;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (error: CorralError) => void;
}

export class GroupCommit {
  readonly #writer: GroupWriter;
  #waiting: Waiting[] = [];
  #scheduled = false;
  #closed = false;
  #whenIdle: (() => void)[] = [];

  constructor(writer: GroupWriter) {
    this.#writer = writer;
  }

  commit(change: Change): Promise<CommitResult> {
    if (this.#closed) return Promise.reject(new CorralError("storage.failed", { cause: new Error("the store is closed") }));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, resolve, reject });
      this.#schedule();
    });
  }

  /** Takes nothing new; resolves when what was taken is answered. */
  close(): Promise<void> {
    this.#closed = true;
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#writeGroup());
  }

  #writeGroup(): void {
    this.#scheduled = false;
    const group = this.#waiting.splice(0, MAX_GROUP);
    const outcomes = this.#writer.write(group.map((waiting) => waiting.change));
    group.forEach((waiting, index) => {
      const outcome = outcomes[index] ?? new CorralError("storage.failed");
      if (outcome instanceof CorralError) waiting.reject(outcome);
      else waiting.resolve(outcome);
    });
    if (this.#waiting.length > 0) this.#schedule();
    else for (const idle of this.#whenIdle.splice(0)) idle();
  }
}
