/** Writes and destroys what a Worker owns: versions, records, deployments, and its hold on module bytes. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { DeploymentRow, ModuleRow, RecordRow, VersionRow } from "../rows.ts";
import type { Plan } from "../store.ts";
import { deploymentTable } from "./deployments.ts";
import { insertInto, prefixOf, type RowStatement } from "./table.ts";
import { moduleTable, recordTable, splitModules, versionTable } from "./versions.ts";

type Owned<Row> = RowStatement<{ readonly row: Row; readonly worker: number }>;

export class OwnedWriter {
  readonly #modules: ModuleWriter;
  readonly #records: Owned<RecordRow>;
  readonly #versions: Owned<VersionRow>;
  readonly #deployments: Owned<DeploymentRow>;
  readonly #deleteVersion: StatementSync;
  readonly #deleteRecord: StatementSync;
  readonly #deleteDeployment: StatementSync;
  readonly #deleteVersions: StatementSync;
  readonly #deleteOthers: readonly StatementSync[];

  constructor(db: DatabaseSync) {
    this.#modules = new ModuleWriter(db);
    this.#records = insertInto(db, recordTable);
    this.#versions = insertInto(db, versionTable);
    this.#deployments = insertInto(db, deploymentTable);
    const one = "WHERE worker = ? AND prefix = ?";
    this.#deleteVersion = db.prepare(`DELETE FROM versions ${one} AND version_id = ? RETURNING modules`);
    this.#deleteRecord = db.prepare(`DELETE FROM records ${one} AND record_id = ?`);
    this.#deleteDeployment = db.prepare(`DELETE FROM deployments ${one} AND deployment_id = ?`);
    this.#deleteVersions = db.prepare("DELETE FROM versions WHERE worker = ? RETURNING modules");
    this.#deleteOthers = ["records", "deployments"].map((table) => db.prepare(`DELETE FROM ${table} WHERE worker = ?`));
  }

  add(worker: number, plan: Plan): void {
    for (const row of plan.modules ?? []) this.#modules.put(row);
    for (const row of plan.records ?? []) this.#records.run({ row, worker });
    for (const row of plan.versions ?? []) {
      this.#versions.run({ row, worker });
      for (const sha256 of row.modules) this.#modules.hold(worker, sha256);
    }
    if (plan.deployment !== undefined) this.#deployments.run({ row: plan.deployment, worker });
  }

  destroy(worker: number, destroyed: NonNullable<Plan["destroy"]>): void {
    const modules = new Set<string>();
    for (const id of destroyed.versionIds) {
      const row = this.#deleteVersion.get(worker, prefixOf(id), id);
      for (const sha256 of splitModules(String(row?.["modules"] ?? ""))) modules.add(sha256);
    }
    for (const sha256 of modules) this.#modules.release(worker, sha256);
    for (const id of destroyed.recordIds) this.#deleteRecord.run(worker, prefixOf(id), id);
    for (const id of destroyed.deploymentIds ?? []) this.#deleteDeployment.run(worker, prefixOf(id), id);
  }

  destroyAll(worker: number): void {
    const modules = new Set(this.#deleteVersions.all(worker).flatMap((row) => splitModules(String(row["modules"]))));
    for (const sha256 of modules) this.#modules.release(worker, sha256);
    for (const statement of this.#deleteOthers) statement.run(worker);
  }
}

/**
 * Bytes are stored once. Each Worker that has a version with them holds them, so that a version derived from another
 * (a secret was put) writes nothing here; without a holder they go.
 */
class ModuleWriter {
  readonly #has: StatementSync;
  readonly #insert: RowStatement<ModuleRow>;
  readonly #hold: StatementSync;
  readonly #unhold: StatementSync;
  readonly #deleteUnheld: StatementSync;

  constructor(db: DatabaseSync) {
    this.#has = db.prepare("SELECT 1 FROM modules WHERE sha256 = ?");
    this.#insert = insertInto(db, moduleTable);
    this.#hold = db.prepare("INSERT INTO worker_modules (sha256, worker) VALUES (?, ?) ON CONFLICT DO NOTHING");
    // The search goes by number, oldest first, and mostly ends there: what a put derives has the same modules.
    this.#unhold = db.prepare(
      `DELETE FROM worker_modules WHERE sha256 = ?1 AND worker = ?2
         AND NOT EXISTS (SELECT 1 FROM versions WHERE worker = ?2 AND instr(modules, ?1))`,
    );
    this.#deleteUnheld = db.prepare(
      "DELETE FROM modules WHERE sha256 = ?1 AND NOT EXISTS (SELECT 1 FROM worker_modules WHERE sha256 = ?1)",
    );
  }

  put(row: ModuleRow): void {
    if (this.#has.get(row.sha256) === undefined) this.#insert.run(row);
  }

  hold(worker: number, sha256: string): void {
    this.#hold.run(sha256, worker);
  }

  release(worker: number, sha256: string): void {
    if (Number(this.#unhold.run(sha256, worker).changes) > 0) this.#deleteUnheld.run(sha256);
  }
}
