import { CorralError } from "@corral/base";
import { expect, test } from "vitest";
import { toStorageError } from "./errors.ts";

function sqliteError(errcode: number): Error {
  return Object.assign(new Error("canary: INSERT INTO records"), { code: "ERR_SQLITE_ERROR", errcode, errstr: "canary" });
}

test.each([
  [13, "storage.full"], // SQLITE_FULL
  [4874, "storage.full"], // SQLITE_IOERR_SHMSIZE
  [11, "storage.corrupt"], // SQLITE_CORRUPT
  [267, "storage.corrupt"], // SQLITE_CORRUPT_VTAB
  [26, "storage.corrupt"], // SQLITE_NOTADB
  [8458, "storage.corrupt"], // SQLITE_IOERR_CORRUPTFS
  [10, "storage.failed"], // SQLITE_IOERR
  [1034, "storage.failed"], // SQLITE_IOERR_FSYNC
  [5, "storage.failed"], // SQLITE_BUSY
  [8, "storage.failed"], // SQLITE_READONLY
  [2067, "storage.failed"], // SQLITE_CONSTRAINT_UNIQUE
])("SQLite's result code %i is %s, and nothing of its words is kept", (errcode, code) => {
  const error = toStorageError(sqliteError(errcode));
  expect(error.code).toBe(code);
  expect(`${error.message} ${String(error.cause)} ${error.stack}`).not.toContain("canary");
  expect(String(error.cause)).toContain(String(errcode));
});

test("an error of Corral passes as it is", () => {
  const error = new CorralError("storage.newer-schema");
  expect(toStorageError(error)).toBe(error);
});

test("what Node itself refuses keeps its code word alone", () => {
  const refusal = Object.assign(new TypeError("canary"), { code: "ERR_OUT_OF_RANGE" });
  const error = toStorageError(refusal);
  expect(error.code).toBe("storage.failed");
  expect(String(error.cause)).toBe("Error: node:sqlite ERR_OUT_OF_RANGE");
});

test("what is thrown and is no error is not printed", () => {
  expect(String(toStorageError("canary").cause)).not.toContain("canary");
});
