/** Opening a connection, and what every connection of Corral is set to. */
import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { CorralError } from "@corral/base";

/** Another process holds the database only for the length of a checkpoint or a backup step. */
export const BUSY_TIMEOUT_MS = 2000;
const CACHE_KIB = 32 * 1024;
/** A WAL that one large upload has grown is cut back to this at the next checkpoint. */
const WAL_KEPT_BYTES = 32 * 1024 * 1024;
/** Pages in the WAL at which a COMMIT also moves them into the database. Fewer would sync the database more often. */
const CHECKPOINT_PAGES = 4000;

export function openConnection(path: string, access: "write" | "read"): DatabaseSync {
  if (access === "write") createPrivate(path);
  const db = new DatabaseSync(path, {
    timeout: BUSY_TIMEOUT_MS,
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: false,
    allowExtension: false,
  });
  try {
    db.enableDefensive(true);
    // A schema that somebody planted must not run functions; a page with impossible cells must not be walked.
    db.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY");
    db.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    if (access === "read") db.exec("PRAGMA query_only = ON");
    else makeDurable(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function makeDurable(db: DatabaseSync): void {
  const mode = db.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"];
  // A file system without shared memory answers with another mode, and readers would then see unfinished groups.
  if (mode !== "wal") throw new CorralError("storage.failed", { cause: new Error("the file system cannot hold a WAL") });
  // FULL syncs the WAL at each COMMIT. secure_delete writes zeros over what is deleted.
  db.exec("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
  db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${WAL_KEPT_BYTES}`);
}

/** The database, and the -wal and -shm files that inherit its mode, are for their owner only. */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, "ax", 0o600));
  } catch (error) {
    // "There already" is the usual case, and what else may be wrong SQLite reports when it opens the file. An existing
    // file must not be opened here: closing it would drop the locks that SQLite holds on it in this process.
    void error;
  }
}
