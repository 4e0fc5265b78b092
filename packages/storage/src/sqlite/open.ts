import type { DatabaseSync } from "node:sqlite";
import { type Clock, systemClock } from "@corral/base";
import type { CommitResult, InstallPlan, Plan, Store } from "../store.ts";
import { GroupCommit } from "./commit.ts";
import { openConnection } from "./connection.ts";
import { SqliteDeploymentReads } from "./deployments.ts";
import { Erasure } from "./erasure.ts";
import { toStorageError } from "./errors.ts";
import { GroupWriter, type StoragePoints } from "./group.ts";
import { SqliteInstallReads } from "./install.ts";
import { migrate } from "./migrations.ts";
import { SqliteVersionReads } from "./versions.ts";
import { SqliteWorkerReads } from "./workers.ts";

export interface SqliteStoreOptions {
  /** The database file; made with mode 0600 if absent, with `-wal` and `-shm` beside it. Its directory must exist. */
  readonly path: string;
  readonly clock?: Clock;
  /** For tests and benchmarks only. */
  readonly points?: StoragePoints;
}

/**
 * Opens the database, and brings its schema up to date.
 * Throws CorralError: storage.newer-schema, storage.corrupt (not ours, or damaged), storage.full, storage.failed.
 */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  const opened: DatabaseSync[] = [];
  try {
    const writing = openConnection(options.path, "write");
    opened.push(writing);
    migrate(writing);
    const readingFrom = openConnection(options.path, "read");
    opened.push(readingFrom);
    return new SqliteStore(writing, readingFrom, options);
  } catch (error) {
    for (const db of opened) db.close();
    throw toStorageError(error);
  }
}

class SqliteStore implements Store {
  readonly install: SqliteInstallReads;
  readonly workers: SqliteWorkerReads;
  readonly versions: SqliteVersionReads;
  readonly deployments: SqliteDeploymentReads;
  readonly #writing: DatabaseSync;
  readonly #reading: DatabaseSync;
  readonly #commits: GroupCommit;
  readonly #erasure: Erasure;
  #closing: Promise<void> | undefined;

  constructor(writing: DatabaseSync, readingFrom: DatabaseSync, options: SqliteStoreOptions) {
    this.#writing = writing;
    this.#reading = readingFrom;
    this.install = new SqliteInstallReads(readingFrom);
    this.workers = new SqliteWorkerReads(readingFrom);
    this.versions = new SqliteVersionReads(readingFrom);
    this.deployments = new SqliteDeploymentReads(readingFrom);
    this.#erasure = new Erasure(writing, options.clock ?? systemClock);
    this.#commits = new GroupCommit(new GroupWriter(writing, this.#erasure, options.points ?? {}));
  }

  commit(plan: Plan): Promise<CommitResult> {
    return this.#commits.commit({ kind: "worker", plan });
  }

  commitInstall(plan: InstallPlan): Promise<CommitResult> {
    return this.#commits.commit({ kind: "install", plan });
  }

  close(): Promise<void> {
    this.#closing ??= this.#commits.close().then(() => {
      this.#reading.close();
      this.#erasure.close();
      this.#writing.close();
    });
    return this.#closing;
  }
}
