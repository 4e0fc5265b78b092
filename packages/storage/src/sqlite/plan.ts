/** Applies one Worker's plan, inside a transaction that somebody else began and will end. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Uuid } from "@corral/base";
import type { DeploymentRow, IdempotencyRow, ModuleRow, RecordRow, VersionRow, WorkerRow, WrappedKeyRow } from "../rows.ts";
import type { CommitResult, Plan } from "../store.ts";
import { deploymentTable } from "./deployments.ts";
import { idempotencyTable, keyTable } from "./install.ts";
import type { Sequence } from "./sequence.ts";
import { insertInto, RowStatement } from "./table.ts";
import { moduleTable, recordTable, splitModules, versionTable } from "./versions.ts";
import { workerTable } from "./workers.ts";

export class PlanWriter {
  readonly #sequence: Sequence;
  readonly #workers: WorkerStatements;
  readonly #idempotency: RowStatement<IdempotencyRow>;
  readonly #keys: RowStatement<WrappedKeyRow>;
  readonly #records: RowStatement<RecordRow>;
  readonly #versions: VersionStatements;
  readonly #deployments: RowStatement<DeploymentRow>;
  readonly #deleteRecord: StatementSync;
  readonly #deleteDeployment: StatementSync;

  constructor(db: DatabaseSync, sequence: Sequence) {
    this.#sequence = sequence;
    this.#workers = new WorkerStatements(db, sequence);
    this.#versions = new VersionStatements(db);
    this.#idempotency = insertInto(db, idempotencyTable, "ON CONFLICT DO NOTHING");
    this.#keys = insertInto(db, keyTable);
    this.#records = insertInto(db, recordTable);
    this.#deployments = insertInto(db, deploymentTable);
    this.#deleteRecord = db.prepare("DELETE FROM records WHERE worker_id = ? AND record_id = ?");
    this.#deleteDeployment = db.prepare("DELETE FROM deployments WHERE deployment_id = ? AND worker_id = ?");
  }

  /** After "conflict" and after a throw the caller rolls back to where it was. */
  apply(plan: Plan): CommitResult {
    if (plan.idempotency !== undefined && this.#idempotency.run(plan.idempotency) === 0) return "conflict";
    if (plan.worker === null) {
      if (!this.#remove(plan)) return "conflict";
    } else {
      if (!this.#workers.write(plan.worker, plan.expectedEpoch)) return "conflict";
      this.#add(plan);
      this.#destroy(plan);
    }
    for (const row of plan.audit) this.#sequence.audit(row);
    return "committed";
  }

  #add(plan: Plan): void {
    for (const row of plan.keys ?? []) this.#keys.run(row);
    for (const row of plan.modules ?? []) this.#versions.putModule(row);
    for (const row of plan.records ?? []) this.#records.run(row);
    for (const row of plan.versions ?? []) this.#versions.insert(row);
    if (plan.deployment !== undefined) this.#deployments.run(plan.deployment);
  }

  #destroy(plan: Plan): void {
    if (plan.destroy === undefined) return;
    for (const id of plan.destroy.versionIds) this.#versions.remove(plan.workerId, id);
    for (const id of plan.destroy.recordIds) this.#deleteRecord.run(plan.workerId, id);
    for (const id of plan.destroy.deploymentIds ?? []) this.#deleteDeployment.run(id, plan.workerId);
  }

  #remove(plan: Plan): boolean {
    if (plan.expectedEpoch === null) throw new Error("internal: a plan that deletes a Worker names the epoch it saw");
    if (!this.#workers.isAt(plan.workerId, plan.expectedEpoch)) return false;
    this.#versions.removeAll(plan.workerId);
    this.#workers.remove(plan.workerId);
    return true;
  }
}

class WorkerStatements {
  readonly #sequence: Sequence;
  readonly #insert: RowStatement<WorkerRow>;
  readonly #update: RowStatement<WorkerRow>;
  readonly #epoch: StatementSync;
  readonly #wasDeleted: StatementSync;
  readonly #bury: StatementSync;
  readonly #deletes: readonly StatementSync[];

  constructor(db: DatabaseSync, sequence: Sequence) {
    this.#sequence = sequence;
    this.#insert = insertInto(db, workerTable, "ON CONFLICT DO NOTHING");
    const sets = [...workerTable.columns, "sum"].map((column) => `${column} = ?`).join(", ");
    // IGNORE: a name that another Worker of the account has leaves the row as it is, which is a conflict too.
    this.#update = new RowStatement(
      db,
      workerTable,
      `UPDATE OR IGNORE workers SET ${sets} WHERE worker_id = ? AND account_id = ? AND epoch = ?`,
    );
    this.#epoch = db.prepare("SELECT epoch FROM workers WHERE worker_id = ?");
    this.#wasDeleted = db.prepare("SELECT 1 FROM tombstones WHERE worker_id = ?");
    this.#bury = db.prepare("INSERT INTO tombstones (worker_id, change_seq) VALUES (?, ?)");
    this.#deletes = ["records", "deployments"]
      .map((table) => db.prepare(`DELETE FROM ${table} WHERE worker_id = ?`))
      .concat(db.prepare("DELETE FROM wrapped_keys WHERE owner_id = ?"))
      .concat(db.prepare("DELETE FROM workers WHERE worker_id = ?"));
  }

  /** False: the head has moved, or the name is taken. */
  write(worker: Omit<WorkerRow, "changeSeq">, expectedEpoch: number | null): boolean {
    const { head, workerId, accountId } = worker;
    if (head.workerId !== workerId || head.accountId !== accountId) throw new Error("internal: a head of another Worker");
    const row = { ...worker, changeSeq: this.#sequence.nextChange() };
    // An id is never used twice: nodes remember the epochs of the Worker that had it.
    if (expectedEpoch === null) return this.#wasDeleted.get(workerId) === undefined && this.#insert.run(row) === 1;
    if (head.epoch <= expectedEpoch) throw new Error("internal: an epoch only grows");
    return this.#update.run(row, workerId, accountId, expectedEpoch) === 1;
  }

  isAt(workerId: Uuid, epoch: number): boolean {
    return this.#epoch.get(workerId)?.["epoch"] === epoch;
  }

  remove(workerId: Uuid): void {
    for (const statement of this.#deletes) statement.run(workerId);
    this.#bury.run(workerId, this.#sequence.nextChange());
  }
}

class VersionStatements {
  readonly #insert: RowStatement<VersionRow>;
  readonly #link: StatementSync;
  readonly #hasModule: StatementSync;
  readonly #insertModule: RowStatement<ModuleRow>;
  readonly #delete: StatementSync;
  readonly #deleteAll: StatementSync;
  readonly #unlink: StatementSync;
  readonly #deleteUnused: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = insertInto(db, versionTable);
    this.#link = db.prepare("INSERT INTO version_modules (sha256, version_id) VALUES (?, ?)");
    this.#hasModule = db.prepare("SELECT 1 FROM modules WHERE sha256 = ?");
    this.#insertModule = insertInto(db, moduleTable);
    this.#delete = db.prepare("DELETE FROM versions WHERE version_id = ? AND worker_id = ? RETURNING modules");
    this.#deleteAll = db.prepare("DELETE FROM versions WHERE worker_id = ? RETURNING version_id AS versionId, modules");
    this.#unlink = db.prepare("DELETE FROM version_modules WHERE sha256 = ? AND version_id = ?");
    this.#deleteUnused = db.prepare(
      "DELETE FROM modules WHERE sha256 = ?1 AND NOT EXISTS (SELECT 1 FROM version_modules WHERE sha256 = ?1)",
    );
  }

  insert(row: VersionRow): void {
    this.#insert.run(row);
    for (const sha256 of row.modules) this.#link.run(sha256, row.versionId);
  }

  putModule(row: ModuleRow): void {
    if (this.#hasModule.get(row.sha256) === undefined) this.#insertModule.run(row);
  }

  remove(workerId: Uuid, versionId: Uuid): void {
    const row = this.#delete.get(versionId, workerId);
    if (row !== undefined) this.#release(versionId, String(row["modules"]));
  }

  removeAll(workerId: Uuid): void {
    for (const row of this.#deleteAll.all(workerId)) this.#release(String(row["versionId"]), String(row["modules"]));
  }

  #release(versionId: string, modules: string): void {
    for (const sha256 of splitModules(modules)) {
      this.#unlink.run(sha256, versionId);
      this.#deleteUnused.run(sha256);
    }
  }
}
