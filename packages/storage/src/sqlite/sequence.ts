/** The two sequences of the installation: audit rows, and changes of Workers. Both only grow. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { AuditRow } from "../rows.ts";
import { auditTable } from "./install.ts";
import { insertInto, type RowStatement } from "./table.ts";
import { LAST_CHANGE } from "./workers.ts";

export class Sequence {
  readonly #insertAudit: RowStatement<AuditRow & { readonly seq: number }>;
  readonly #lastAudit: StatementSync;
  readonly #lastChange: StatementSync;
  #audit = 0;
  #change = 0;

  constructor(db: DatabaseSync) {
    this.#insertAudit = insertInto(db, auditTable);
    this.#lastAudit = db.prepare("SELECT coalesce(max(seq), 0) AS seq FROM audit");
    this.#lastChange = db.prepare(LAST_CHANGE);
  }

  /** Inside each transaction, before its first row: what is stored is the truth, not what this process remembers. */
  load(): void {
    this.#audit = Number(this.#lastAudit.get()?.["seq"]);
    this.#change = Number(this.#lastChange.get()?.["seq"]);
  }

  nextChange(): number {
    this.#change += 1;
    return this.#change;
  }

  audit(row: AuditRow): void {
    this.#audit += 1;
    this.#insertAudit.run({ ...row, seq: this.#audit });
  }
}
