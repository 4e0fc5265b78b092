/**
 * Writes a group of plans in one transaction: one COMMIT, one fsync for all. A plan that conflicts writes nothing. A
 * plan that fails is rare, so only then is the group done again with each plan in a SAVEPOINT of its own, which costs a
 * copy of every page that it touches; the failing plan is rolled back and the others stay.
 *
 * Synchronous, and plain data in and out, so that it can move to a thread of its own. It owns the only connection that
 * writes; reads use another, which in WAL mode sees a group only when its COMMIT is on the disk.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { CorralError } from "@corral/base";
import type { CommitResult, InstallPlan, Plan } from "../store.ts";
import type { Erasure } from "./erasure.ts";
import { toStorageError } from "./errors.ts";
import { InstallPlanWriter } from "./install-plan.ts";
import { PlanWriter } from "./plan.ts";
import { Sequence } from "./sequence.ts";

export type Change = { readonly kind: "worker"; readonly plan: Plan } | { readonly kind: "install"; readonly plan: InstallPlan };

export type Outcome = CommitResult | CorralError;

/**
 * Where tests reach in. A throw from `beforeCommit` fails the group as a failing COMMIT would; a delay in it makes
 * the disk slower. Both run synchronously, while no answer has left.
 */
export interface StoragePoints {
  beforeCommit?(): void;
  afterCommit?(): void;
}

export class GroupWriter {
  readonly #db: DatabaseSync;
  readonly #points: StoragePoints;
  readonly #sequence: Sequence;
  readonly #plans: PlanWriter;
  readonly #installPlans: InstallPlanWriter;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #undo: StatementSync;
  readonly #erasure: Erasure;

  constructor(db: DatabaseSync, erasure: Erasure, points: StoragePoints) {
    this.#db = db;
    this.#erasure = erasure;
    this.#points = points;
    this.#sequence = new Sequence(db);
    this.#plans = new PlanWriter(db, this.#sequence);
    this.#installPlans = new InstallPlanWriter(db, this.#sequence);
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
    this.#savepoint = db.prepare("SAVEPOINT plan");
    this.#release = db.prepare("RELEASE plan");
    this.#undo = db.prepare("ROLLBACK TO plan");
  }

  /** One outcome for each change, in order. When it returns, what is "committed" is durable. */
  write(changes: readonly Change[]): Outcome[] {
    let outcomes: Outcome[] = [];
    try {
      outcomes = this.#apply(changes);
      this.#points.beforeCommit?.();
      this.#commit.run();
    } catch (error) {
      const failure = toStorageError(error);
      this.#rollback();
      return changes.map((_, index) => (outcomes[index] instanceof CorralError ? outcomes[index] : failure));
    }
    this.#points.afterCommit?.();
    if (changes.some((change, index) => outcomes[index] === "committed" && destroys(change))) this.#erasure.owe();
    return outcomes;
  }

  #apply(changes: readonly Change[]): Outcome[] {
    try {
      this.#beginGroup();
      return changes.map((change) => this.#applyOne(change));
    } catch {
      this.#rollback();
      this.#beginGroup();
      return changes.map((change) => this.#applyGuarded(change));
    }
  }

  #beginGroup(): void {
    this.#begin.run();
    this.#sequence.load();
  }

  #applyOne(change: Change): CommitResult {
    return change.kind === "worker" ? this.#plans.apply(change.plan) : this.#installPlans.apply(change.plan);
  }

  #applyGuarded(change: Change): Outcome {
    this.#savepoint.run();
    try {
      const result = this.#applyOne(change);
      this.#release.run();
      return result;
    } catch (error) {
      const failure = toStorageError(error);
      // Some failures (a full disk, bad I/O) make SQLite give up the whole transaction: then the group has failed.
      if (!this.#db.isTransaction) throw failure;
      this.#undo.run();
      this.#release.run();
      this.#sequence.load();
      return failure;
    }
  }

  #rollback(): void {
    try {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
    } catch (error) {
      // The next BEGIN fails and is reported; what matters is that no answer says "committed".
      void error;
    }
  }
}

/** Whether bytes went away that must not stay behind: sealed values, wrapped keys, a token's digest. */
function destroys(change: Change): boolean {
  if (change.kind === "worker") return change.plan.worker === null || change.plan.destroy !== undefined;
  const { keyring, keys, revokeTokenIds } = change.plan;
  return keyring !== undefined || keys !== undefined || revokeTokenIds !== undefined;
}
