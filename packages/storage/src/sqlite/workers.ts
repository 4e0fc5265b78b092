import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { AccountId, Uuid } from "@corral/base";
import type { WorkerRow } from "../rows.ts";
import type { Page, WorkerReads } from "../store.ts";
import { reading } from "./reading.ts";
import { isBoolean, isNumber, isString, listOf, objectWith, orNull } from "./shapes.ts";
import { Query, type Table } from "./table.ts";

export const isShares = listOf(objectWith({ versionId: isString, percentage: isNumber }));

const isSettings = objectWith({
  tags: orNull(listOf(isString)),
  logpush: isBoolean,
  observability: orNull(isString),
  tailConsumers: orNull(isString),
  schedules: listOf(objectWith({ cron: isString, createdOn: isString, modifiedOn: isString })),
});

/** The head's fields are columns: the epoch is compared in SQL, the name is unique. Ids stand once, in row and head alike. */
export const workerTable: Table<WorkerRow> = {
  name: "workers",
  columns: [
    "worker_id",
    "account_id",
    "name",
    "created_on",
    "modified_on",
    "settings",
    "epoch",
    "newest_version_id",
    "newest_number",
    "deployment_id",
    "shares",
    "routed",
    "previews",
    "head_mac",
    "change_seq",
  ],
  encode: (row) => [
    row.workerId,
    row.accountId,
    row.head.name,
    row.createdOn,
    row.modifiedOn,
    JSON.stringify(row.settings),
    row.head.epoch,
    row.head.newestVersionId,
    row.head.newestNumber,
    row.head.deploymentId,
    JSON.stringify(row.head.shares),
    Number(row.head.routed),
    Number(row.head.previews),
    row.headMac,
    row.changeSeq,
  ],
  decode: (columns) => {
    const workerId = columns.text();
    const accountId = columns.text();
    const name = columns.text();
    return {
      workerId,
      accountId,
      createdOn: columns.text(),
      modifiedOn: columns.text(),
      settings: columns.json(isSettings),
      head: {
        workerId,
        accountId,
        name,
        epoch: columns.integer(),
        newestVersionId: columns.textOrNull(),
        newestNumber: columns.integer(),
        deploymentId: columns.textOrNull(),
        shares: columns.json(isShares),
        routed: columns.boolean(),
        previews: columns.boolean(),
      },
      headMac: columns.bytes(),
      changeSeq: columns.integer(),
    };
  },
};

/** The highest change so far, of a Worker that lives or of one that was deleted; two looks at the end of an index. */
export const LAST_CHANGE = `
  SELECT max(coalesce((SELECT max(change_seq) FROM workers), 0), coalesce((SELECT max(change_seq) FROM tombstones), 0)) AS seq`;

const CHANGES = `
  SELECT change_seq AS seq, worker_id AS workerId FROM workers WHERE change_seq > ?1
  UNION ALL
  SELECT change_seq, worker_id FROM tombstones WHERE change_seq > ?1
  ORDER BY 1 LIMIT ?2`;

export class SqliteWorkerReads implements WorkerReads {
  readonly #byName: Query<WorkerRow>;
  readonly #byId: Query<WorkerRow>;
  readonly #list: Query<WorkerRow>;
  readonly #count: StatementSync;
  readonly #changes: StatementSync;
  readonly #lastChange: StatementSync;
  readonly #heads: StatementSync;

  constructor(db: DatabaseSync) {
    this.#byName = new Query(db, workerTable, "WHERE account_id = ? AND name = ?");
    this.#byId = new Query(db, workerTable, "WHERE worker_id = ?");
    this.#list = new Query(db, workerTable, "WHERE account_id = ? ORDER BY name LIMIT ? OFFSET ?");
    this.#count = db.prepare("SELECT count(*) AS count FROM workers WHERE account_id = ?");
    this.#changes = db.prepare(CHANGES);
    this.#lastChange = db.prepare(LAST_CHANGE);
    // Not checked against its sum: one damaged row must not hide every other Worker's head from the nodes.
    this.#heads = db.prepare("SELECT worker_id AS workerId, epoch FROM workers");
  }

  find(accountId: AccountId, name: string): Promise<WorkerRow | undefined> {
    return reading(() => this.#byName.find(accountId, name));
  }

  findById(workerId: Uuid): Promise<WorkerRow | undefined> {
    return reading(() => this.#byId.find(workerId));
  }

  list(accountId: AccountId, page: Page): Promise<readonly WorkerRow[]> {
    return reading(() => this.#list.all(accountId, page.limit, page.offset));
  }

  count(accountId: AccountId): Promise<number> {
    return reading(() => Number(this.#count.get(accountId)?.["count"]));
  }

  listChangesAfter(seq: number, limit: number): Promise<readonly { readonly seq: number; readonly workerId: Uuid }[]> {
    return reading(() => this.#changes.all(seq, limit) as unknown as { seq: number; workerId: Uuid }[]);
  }

  lastChangeSeq(): Promise<number> {
    return reading(() => Number(this.#lastChange.get()?.["seq"]));
  }

  listHeads(): Promise<readonly { readonly workerId: Uuid; readonly epoch: number }[]> {
    return reading(() => this.#heads.all() as unknown as { workerId: Uuid; epoch: number }[]);
  }
}
