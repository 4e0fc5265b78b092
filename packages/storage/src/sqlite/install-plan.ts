/** Applies a change that belongs to no Worker, inside a transaction that somebody else began and will end. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { AccountRow, InstallRow, KekSlotRow, KeyringRow, TokenRow, WrappedKeyRow } from "../rows.ts";
import type { CommitResult, InstallPlan } from "../store.ts";
import { accountTable, installTable, kekSlotTable, keyringTable, keyTable, tokenTable } from "./install.ts";
import type { Sequence } from "./sequence.ts";
import { insertInto, type RowStatement, upsertInto } from "./table.ts";

export class InstallPlanWriter {
  readonly #sequence: Sequence;
  readonly #isInstalled: StatementSync;
  readonly #install: RowStatement<InstallRow>;
  readonly #keyring: KeyringStatements;
  readonly #keys: RowStatement<WrappedKeyRow>;
  readonly #accounts: RowStatement<AccountRow>;
  readonly #tokens: RowStatement<TokenRow>;
  readonly #revoke: StatementSync;

  constructor(db: DatabaseSync, sequence: Sequence) {
    this.#sequence = sequence;
    this.#isInstalled = db.prepare("SELECT 1 FROM install");
    this.#install = insertInto(db, installTable);
    this.#keyring = new KeyringStatements(db);
    // The same key under a new term, the same account or token with another name: replaced under its id.
    this.#keys = upsertInto(db, keyTable, "key_id");
    this.#accounts = upsertInto(db, accountTable, "account_id");
    this.#tokens = upsertInto(db, tokenTable, "token_id");
    this.#revoke = db.prepare("DELETE FROM tokens WHERE token_id = ?");
  }

  /** After "conflict" nothing was written. After a throw the caller rolls back. */
  apply(plan: InstallPlan): CommitResult {
    if (plan.install !== undefined && this.#isInstalled.get() !== undefined) return "conflict";
    if (plan.keyring !== undefined && !this.#keyring.isSuccessor(plan.keyring)) return "conflict";
    if (plan.install !== undefined) this.#install.run(plan.install);
    if (plan.keyring !== undefined) this.#keyring.replace(plan.keyring);
    for (const row of plan.keys ?? []) this.#keys.run(row);
    for (const row of plan.accounts ?? []) this.#accounts.run(row);
    for (const row of plan.tokens ?? []) this.#tokens.run(row);
    for (const id of plan.revokeTokenIds ?? []) this.#revoke.run(id);
    for (const row of plan.audit) this.#sequence.audit(row);
    return "committed";
  }
}

class KeyringStatements {
  readonly #generation: StatementSync;
  readonly #clear: StatementSync;
  readonly #clearSlots: StatementSync;
  readonly #insert: RowStatement<Omit<KeyringRow, "slots">>;
  readonly #insertSlot: RowStatement<KekSlotRow>;

  constructor(db: DatabaseSync) {
    this.#generation = db.prepare("SELECT coalesce(max(generation), 0) AS generation FROM keyring");
    this.#clear = db.prepare("DELETE FROM keyring");
    this.#clearSlots = db.prepare("DELETE FROM kek_slots");
    this.#insert = insertInto(db, keyringTable);
    this.#insertSlot = insertInto(db, kekSlotTable);
  }

  isSuccessor(keyring: KeyringRow): boolean {
    return keyring.generation === Number(this.#generation.get()?.["generation"]) + 1;
  }

  replace(keyring: KeyringRow): void {
    this.#clear.run();
    this.#clearSlots.run();
    this.#insert.run(keyring);
    for (const slot of keyring.slots) this.#insertSlot.run(slot);
  }
}
