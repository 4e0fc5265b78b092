/**
 * The one place where SQLite's failures become Corral's. Only the result code crosses: SQLite's messages name
 * tables and quote SQL, so none is ever kept.
 */
import { CorralError, isCorralError } from "@corral/base";

/** Primary result codes, https://www.sqlite.org/rescode.html */
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;
/** The file system says that the file itself is damaged. */
const SQLITE_IOERR_CORRUPTFS = 8458;
/** The shared-memory index could not grow: the disk has no room for it. */
const SQLITE_IOERR_SHMSIZE = 4874;

export function toStorageError(error: unknown): CorralError {
  if (isCorralError(error)) return error;
  const code = resultCode(error);
  if (code === undefined) return new CorralError("storage.failed", { cause: safeCause(error) });
  return new CorralError(nameOf(code), { cause: new Error(`SQLite result code ${code}`) });
}

/** For a row whose checksum, type or JSON does not hold. `table` is a name of our own schema. */
export function corruptRow(table: string): CorralError {
  return new CorralError("storage.corrupt", { cause: new Error(`a row of table ${table} is damaged`) });
}

function nameOf(code: number): "storage.full" | "storage.corrupt" | "storage.failed" {
  if (code === SQLITE_IOERR_SHMSIZE) return "storage.full";
  if (code === SQLITE_IOERR_CORRUPTFS) return "storage.corrupt";
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "storage.full";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "storage.corrupt";
    default:
      return "storage.failed";
  }
}

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode : undefined;
}

/** Node's own refusals (a closed database, an integer out of range) carry a code word; a bug of ours is kept whole. */
function safeCause(error: unknown): Error {
  if (!(error instanceof Error)) return new Error("not an error");
  if (!("code" in error) || typeof error.code !== "string") return error;
  return new Error(`node:sqlite ${error.code}`);
}
