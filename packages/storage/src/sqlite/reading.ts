import { type DatabaseSync } from "node:sqlite";
import { toStorageError } from "./errors.ts";

/** SQLite answers at once; the port promises, because other stores do not. */
export function reading<T>(read: () => T): Promise<T> {
  try {
    return Promise.resolve(read());
  } catch (error) {
    return Promise.reject(toStorageError(error));
  }
}

/** Several statements that must see one state of the database. */
export function inSnapshot<T>(db: DatabaseSync, read: () => T): T {
  db.exec("BEGIN");
  try {
    return read();
  } finally {
    db.exec("COMMIT");
  }
}
