/**
 * What was destroyed leaves the files too: a truncating checkpoint moves the WAL into the database, whose deleted bytes
 * secure_delete has made zeros, and empties it.
 *
 * That costs several syncs, and once a Worker has its hundred versions every put destroys one. So a destroy is erased
 * before its answer leaves, unless there was another erasure within the last second: then it waits for the second to
 * pass. If a checkpoint cannot be done (a reader of another process, a full disk) the change is durable all the same,
 * and the erasure is tried again each second, at the close, and at the next start.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "@corral/base";
import { BUSY_TIMEOUT_MS } from "./connection.ts";

const INTERVAL_MS = 1000;

export class Erasure {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  #isOwed = false;
  #earliest: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(db: DatabaseSync, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#earliest = clock.monotonic();
    // What an earlier process destroyed may still lie in the WAL that it left.
    this.#isOwed = true;
    this.#truncate();
    if (this.#isOwed) this.#eraseAfter(INTERVAL_MS);
  }

  /** Something was destroyed. */
  owe(): void {
    this.#isOwed = true;
    const wait = this.#earliest - this.#clock.monotonic();
    if (wait <= 0) this.#erase();
    else this.#eraseAfter(wait);
  }

  close(): void {
    clearTimeout(this.#timer);
    if (this.#isOwed) this.#truncate();
  }

  #erase(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#truncate();
    this.#earliest = this.#clock.monotonic() + INTERVAL_MS;
    if (this.#isOwed) this.#eraseAfter(INTERVAL_MS);
  }

  #eraseAfter(milliseconds: number): void {
    this.#timer ??= setTimeout(() => this.#erase(), milliseconds).unref();
  }

  #truncate(): void {
    try {
      // Does not wait for a reader: everybody else would wait with it.
      this.#db.exec("PRAGMA busy_timeout = 0");
      this.#isOwed = this.#db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.["busy"] !== 0;
      this.#db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    } catch (error) {
      // Still owed.
      void error;
    }
  }
}
