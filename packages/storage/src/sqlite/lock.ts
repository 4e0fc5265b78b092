/**
 * One Corral per data directory. The lock is one that the kernel holds for this process and drops when it dies, so
 * neither a crash nor a re-used pid can leave it behind: an exclusive SQLite transaction on an empty file, never ended.
 */
import { DatabaseSync } from "node:sqlite";
import { CorralError } from "@corral/base";
import { toStorageError } from "./errors.ts";

const SQLITE_BUSY = 5;

/** A connection that nobody refers to is closed by the garbage collector, and its lock with it. */
const held = new Set<DatabaseSync>();

export interface Lock {
  release(): void;
}

/**
 * `path` is the lock's own file, made if absent; nothing else may open it.
 * Throws CorralError: data.locked; storage.failed if the file cannot be made.
 */
export function lockDataDirectory(path: string): Lock {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db?.close();
    if (isBusy(error)) throw new CorralError("data.locked");
    throw toStorageError(error);
  }
  return hold(db);
}

function hold(db: DatabaseSync): Lock {
  held.add(db);
  return {
    release() {
      if (held.delete(db)) db.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}
