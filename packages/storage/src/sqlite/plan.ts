/** Applies one Worker's plan, inside a transaction that somebody else began and will end. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Uuid } from "@corral/base";
import type { IdempotencyRow, WorkerRow, WrappedKeyRow } from "../rows.ts";
import type { CommitResult, Plan } from "../store.ts";
import { idempotencyTable, keyTable } from "./install.ts";
import { OwnedWriter } from "./owned.ts";
import type { Sequence } from "./sequence.ts";
import { insertInto, RowStatement } from "./table.ts";
import { workerTable } from "./workers.ts";

export class PlanWriter {
  readonly #sequence: Sequence;
  readonly #workers: WorkerWriter;
  readonly #owned: OwnedWriter;
  readonly #keys: RowStatement<WrappedKeyRow>;
  readonly #deleteKeys: StatementSync;
  readonly #answered: StatementSync;
  readonly #idempotency: RowStatement<IdempotencyRow>;

  constructor(db: DatabaseSync, sequence: Sequence) {
    this.#sequence = sequence;
    this.#workers = new WorkerWriter(db, sequence);
    this.#owned = new OwnedWriter(db);
    this.#keys = insertInto(db, keyTable);
    this.#deleteKeys = db.prepare("DELETE FROM wrapped_keys WHERE owner_id = ?");
    this.#answered = db.prepare("SELECT 1 FROM idempotency WHERE account_id = ? AND key = ?");
    this.#idempotency = insertInto(db, idempotencyTable);
  }

  /** After "conflict" nothing was written. After a throw the caller rolls back. */
  apply(plan: Plan): CommitResult {
    const { idempotency } = plan;
    if (idempotency !== undefined && this.#answered.get(idempotency.accountId, idempotency.key) !== undefined) return "conflict";
    const written = plan.worker === null ? this.#remove(plan) : this.#write(plan, plan.worker);
    if (!written) return "conflict";
    for (const row of plan.audit) this.#sequence.audit(row);
    if (idempotency !== undefined) this.#idempotency.run(idempotency);
    return "committed";
  }

  #write(plan: Plan, row: Omit<WorkerRow, "changeSeq">): boolean {
    const worker = this.#workers.write(plan, row);
    if (worker === undefined) return false;
    for (const key of plan.keys ?? []) this.#keys.run(key);
    this.#owned.add(worker, plan);
    if (plan.destroy !== undefined) this.#owned.destroy(worker, plan.destroy);
    return true;
  }

  #remove(plan: Plan): boolean {
    if (plan.expectedEpoch === null) throw new Error("internal: a plan that deletes a Worker names the epoch it saw");
    const stored = this.#workers.findAt(plan);
    if (stored === undefined) return false;
    this.#owned.destroyAll(stored.id);
    this.#deleteKeys.run(plan.workerId);
    this.#workers.remove(stored.id, plan.workerId);
    return true;
  }
}

/** Places 1 to 16 are a whole row and its sum; the row number is place 17. */
function updateWorker(update: string, kept: ReadonlySet<string>): string {
  const sets = [...workerTable.columns, "sum"].flatMap((column, index) =>
    kept.has(column) ? [] : [`${column} = ?${index + 1}`],
  );
  return `${update} workers SET ${sets.join(", ")} WHERE id = ?17`;
}

interface StoredHead {
  readonly id: number;
  readonly accountId: string;
  readonly name: string;
}

/** Everything here answers with the Worker's row number, by which the rows that it owns refer to it. */
class WorkerWriter {
  readonly #sequence: Sequence;
  readonly #insert: RowStatement<WorkerRow>;
  readonly #update: RowStatement<WorkerRow>;
  readonly #rename: RowStatement<WorkerRow>;
  readonly #findAt: StatementSync;
  readonly #wasDeleted: StatementSync;
  readonly #delete: StatementSync;
  readonly #bury: StatementSync;

  constructor(db: DatabaseSync, sequence: Sequence) {
    this.#sequence = sequence;
    this.#insert = insertInto(db, workerTable, "ON CONFLICT DO NOTHING");
    // SQLite writes every index anew that has a column in the SET, equal or not: the ids and the name stay out of it.
    this.#update = new RowStatement(db, workerTable, updateWorker("UPDATE", new Set(["worker_id", "account_id", "name"])));
    // IGNORE: a name that another Worker of the account has leaves the row as it is, which is a conflict too.
    this.#rename = new RowStatement(db, workerTable, updateWorker("UPDATE OR IGNORE", new Set(["worker_id", "account_id"])));
    this.#findAt = db.prepare(
      "SELECT id, account_id AS accountId, name FROM workers WHERE worker_id = ?1 AND epoch = ?2 AND (?3 IS NULL OR head_mac = ?3)",
    );
    this.#wasDeleted = db.prepare("SELECT 1 FROM tombstones WHERE worker_id = ?");
    this.#delete = db.prepare("DELETE FROM workers WHERE id = ?");
    this.#bury = db.prepare("INSERT INTO tombstones (worker_id, change_seq) VALUES (?, ?)");
  }

  /** undefined: the head has moved, or the name is taken. */
  write(plan: Plan, worker: Omit<WorkerRow, "changeSeq">): number | undefined {
    const { head, workerId, accountId } = worker;
    if (head.workerId !== workerId || head.accountId !== accountId) throw new Error("internal: a head of another Worker");
    const row = { ...worker, changeSeq: this.#sequence.nextChange() };
    if (plan.expectedEpoch === null) return this.#create(row);
    if (head.epoch <= plan.expectedEpoch) throw new Error("internal: an epoch only grows");
    const stored = this.findAt(plan);
    if (stored === undefined) return undefined;
    if (stored.accountId !== accountId) throw new Error("internal: a Worker stays in its account");
    const update = stored.name === head.name ? this.#update : this.#rename;
    return update.run(row, stored.id) === 1 ? stored.id : undefined;
  }

  findAt(plan: Plan): StoredHead | undefined {
    const found = this.#findAt.get(plan.workerId, plan.expectedEpoch, plan.expectedHeadMac ?? null);
    return found as unknown as StoredHead | undefined;
  }

  remove(worker: number, workerId: Uuid): void {
    this.#delete.run(worker);
    this.#bury.run(workerId, this.#sequence.nextChange());
  }

  /** An id is never used twice: nodes remember the epochs of the Worker that had it. */
  #create(row: WorkerRow): number | undefined {
    if (this.#wasDeleted.get(row.workerId) !== undefined) return undefined;
    return this.#insert.insert(row);
  }
}
