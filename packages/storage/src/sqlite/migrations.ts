/**
 * The schema, as numbered steps. Forward only: a step that has been released never changes. `PRAGMA user_version`
 * holds the number of the last step that ran. docs/storage-schema.md explains each table; a test compares.
 *
 * What every put adds (version, record, deployment, audit row) is appended in the order of the commits, so that a group
 * of them shares pages. Random uuids in an index would make each row dirty a page of its own: instead rows are found
 * among their Worker's by `prefix`, the first 32 bits of their id, in indexes of small integers.
 */
import { DatabaseSync } from "node:sqlite";
import { CorralError } from "@corral/base";
import { toStorageError } from "./errors.ts";

/** "CRL1": tells a database of Corral from any other. */
const APPLICATION_ID = 0x43524c31;

export const migrations: readonly string[] = [
  `
  CREATE TABLE install (
    install_id TEXT NOT NULL PRIMARY KEY, created_on TEXT NOT NULL, subdomain TEXT NOT NULL, sum INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE keyring (
    generation INTEGER NOT NULL PRIMARY KEY, blob BLOB NOT NULL, sum INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE kek_slots (
    slot INTEGER NOT NULL PRIMARY KEY, kind TEXT NOT NULL, key_id TEXT NOT NULL, wrapped BLOB NOT NULL,
    sum INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE wrapped_keys (
    key_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, owner_id TEXT NOT NULL, generation INTEGER NOT NULL,
    term INTEGER NOT NULL, wrapped BLOB NOT NULL, created_on TEXT NOT NULL, sum INTEGER NOT NULL,
    UNIQUE (owner_id, kind, generation)
  ) STRICT;

  CREATE TABLE accounts (
    account_id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, label TEXT UNIQUE, created_on TEXT NOT NULL,
    sum INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tokens (
    token_id TEXT NOT NULL PRIMARY KEY, account_id TEXT NOT NULL, digest BLOB NOT NULL, name TEXT NOT NULL,
    scopes TEXT NOT NULL, created_on TEXT NOT NULL, expires_on TEXT, sum INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tokens_by_account ON tokens (account_id, created_on);

  CREATE TABLE workers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, worker_id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL,
    name TEXT NOT NULL, created_on TEXT NOT NULL, modified_on TEXT NOT NULL, settings TEXT NOT NULL,
    epoch INTEGER NOT NULL, newest_version_id TEXT, newest_number INTEGER NOT NULL, deployment_id TEXT,
    shares TEXT NOT NULL, routed INTEGER NOT NULL, previews INTEGER NOT NULL, head_mac BLOB NOT NULL,
    change_seq INTEGER NOT NULL, sum INTEGER NOT NULL,
    UNIQUE (account_id, name)
  ) STRICT;
  CREATE UNIQUE INDEX workers_by_change ON workers (change_seq);

  CREATE TABLE tombstones (
    change_seq INTEGER NOT NULL PRIMARY KEY, worker_id TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE versions (
    worker INTEGER NOT NULL REFERENCES workers (id), prefix INTEGER NOT NULL, version_id TEXT NOT NULL,
    number INTEGER NOT NULL, created_on TEXT NOT NULL, modules TEXT NOT NULL, info TEXT NOT NULL,
    mac BLOB NOT NULL, manifest BLOB NOT NULL, sum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX versions_by_worker ON versions (worker, number, prefix);

  CREATE TABLE modules (
    sha256 TEXT NOT NULL UNIQUE, bytes BLOB NOT NULL, sum INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE worker_modules (
    sha256 TEXT NOT NULL REFERENCES modules (sha256), worker INTEGER NOT NULL,
    PRIMARY KEY (sha256, worker)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE records (
    worker INTEGER NOT NULL REFERENCES workers (id), prefix INTEGER NOT NULL, record_id TEXT NOT NULL,
    data_key_id TEXT NOT NULL, type TEXT NOT NULL, fingerprint BLOB NOT NULL, counted_bytes INTEGER NOT NULL,
    created_on TEXT NOT NULL, sealed BLOB NOT NULL, sum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX records_by_worker ON records (worker, prefix);

  CREATE TABLE deployments (
    seq INTEGER PRIMARY KEY, worker INTEGER NOT NULL REFERENCES workers (id), prefix INTEGER NOT NULL,
    deployment_id TEXT NOT NULL, created_on TEXT NOT NULL, source TEXT NOT NULL, author_id TEXT NOT NULL,
    author_email TEXT NOT NULL, message TEXT, triggered_by TEXT NOT NULL, shares TEXT NOT NULL, sum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX deployments_by_worker ON deployments (worker, seq, prefix);

  CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
    account_id TEXT NOT NULL, worker_id TEXT, worker_name TEXT, subject TEXT, version_id TEXT, deployment_id TEXT,
    request_id TEXT, sum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_account ON audit (account_id);

  CREATE TABLE idempotency (
    account_id TEXT NOT NULL, key TEXT NOT NULL, digest BLOB NOT NULL, status INTEGER NOT NULL, answer TEXT NOT NULL,
    created_on TEXT NOT NULL, sum INTEGER NOT NULL,
    PRIMARY KEY (account_id, key)
  ) STRICT, WITHOUT ROWID;
  `,
];

/** Brings the schema to this binary's; two processes that start at once run the steps one after the other. */
export function migrate(db: DatabaseSync): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    const version = readVersion(db);
    if (version > migrations.length) throw new CorralError("storage.newer-schema");
    for (const step of migrations.slice(version)) db.exec(step);
    if (version < migrations.length) {
      db.exec(`PRAGMA user_version = ${migrations.length}; PRAGMA application_id = ${APPLICATION_ID}`);
    }
    checkSchema(db);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw toStorageError(error);
  }
}

function readVersion(db: DatabaseSync): number {
  const version = readPragma(db, "user_version");
  const empty = version === 0 && describeSchema(db).length === 0;
  if (!empty && readPragma(db, "application_id") !== APPLICATION_ID) {
    throw new CorralError("storage.corrupt", { cause: new Error("not a database of Corral") });
  }
  return version;
}

/** A trigger or view that somebody added, or a table that damage has changed, would give other rows than were written. */
function checkSchema(db: DatabaseSync): void {
  const fresh = new DatabaseSync(":memory:");
  try {
    for (const step of migrations) fresh.exec(step);
    if (describeSchema(db) === describeSchema(fresh)) return;
  } finally {
    fresh.close();
  }
  throw new CorralError("storage.corrupt", { cause: new Error("the schema is not the one that the migrations make") });
}

function describeSchema(db: DatabaseSync): string {
  const rows = db
    .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name")
    .all();
  return rows.map((row) => [row["type"], row["name"], row["tbl_name"], row["sql"]].join(" ")).join("\n");
}

function readPragma(db: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}
