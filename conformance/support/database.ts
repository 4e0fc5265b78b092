/** The database as it lies on the disk, looked at from outside: a copy is opened, so that nothing is recovered in place. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { temporaryDirectory } from "@corral/testkit";

export type Row = Readonly<Record<string, unknown>>;

/** The file that holds SQLite's magic and more than one page. */
export function databaseFile(dataDirectory: string): string {
  const found = readdirSync(dataDirectory).find((name) => {
    const path = join(dataDirectory, name);
    return /\.(db|sqlite)$/.test(name) && readFileSync(path).subarray(0, 15).toString("latin1") === "SQLite format 3";
  });
  if (found === undefined) throw new Error("there is no database");
  return join(dataDirectory, found);
}

/** Runs the work over a copy of the database with its WAL, as a crash left them. */
export function withDatabase<T>(dataDirectory: string, work: (all: (sql: string) => Row[]) => T): T {
  const file = databaseFile(dataDirectory);
  const copy = temporaryDirectory("database");
  for (const suffix of ["", "-wal"]) {
    // A clean stop leaves no WAL.
    if (existsSync(`${file}${suffix}`)) cpSync(`${file}${suffix}`, join(copy, `copy.db${suffix}`));
  }
  const db = new DatabaseSync(join(copy, "copy.db"));
  try {
    return work((sql) => db.prepare(sql).all());
  } finally {
    db.close();
    rmSync(copy, { recursive: true });
  }
}

/** What must hold of every database, whatever happened: one line for each fault. */
export function databaseFaults(dataDirectory: string): string[] {
  return withDatabase(dataDirectory, (all) => {
    const faults: string[] = [];
    const records = new Set(
      all("SELECT worker, record_id FROM records").map((row) => `${String(row["worker"])} ${String(row["record_id"])}`),
    );
    const modules = new Set(all("SELECT sha256 FROM modules").map((row) => row["sha256"]));
    const audited = new Set(all("SELECT version_id FROM audit WHERE version_id IS NOT NULL").map((row) => row["version_id"]));
    const versions = new Set<unknown>();
    for (const row of all("SELECT version_id, worker, manifest FROM versions")) {
      const id = String(row["version_id"]);
      versions.add(id);
      const manifest = JSON.parse(Buffer.from(row["manifest"] as Uint8Array).toString("utf8")) as {
        bindings: { recordId?: string }[];
        modules: { sha256: string }[];
      };
      for (const { recordId } of manifest.bindings) {
        if (recordId !== undefined && !records.has(`${String(row["worker"])} ${recordId}`))
          faults.push(`${id}: no record ${recordId}`);
      }
      for (const { sha256 } of manifest.modules) if (!modules.has(sha256)) faults.push(`${id}: no module ${sha256}`);
      if (!audited.has(id)) faults.push(`${id}: no audit row`);
    }
    for (const row of all("SELECT name, newest_version_id, deployment_id, shares FROM workers")) {
      const shares = JSON.parse(String(row["shares"])) as { versionId: string }[];
      for (const { versionId } of shares)
        if (!versions.has(versionId)) faults.push(`${String(row["name"])}: serves an absent version`);
      if (row["newest_version_id"] !== null && !versions.has(row["newest_version_id"]))
        faults.push(`${String(row["name"])}: no newest version`);
    }
    // A Worker that has all its versions still has them for every audit row too.
    const complete = `SELECT worker_id FROM workers WHERE newest_number = (SELECT count(*) FROM versions WHERE versions.worker = workers.id)`;
    for (const row of all(`SELECT version_id FROM audit WHERE version_id IS NOT NULL AND worker_id IN (${complete})`)) {
      if (!versions.has(row["version_id"])) faults.push(`an audit row without its version ${String(row["version_id"])}`);
    }
    return faults;
  });
}
