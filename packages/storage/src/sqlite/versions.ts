import type { DatabaseSync, StatementSync } from "node:sqlite";
import { asSealed, type Uuid } from "@corral/base";
import type { ModuleRow, RecordRow, VersionRow } from "../rows.ts";
import type { Page, VersionReads } from "../store.ts";
import { reading } from "./reading.ts";
import { isNumber, isString, listOf, objectWith, orNull } from "./shapes.ts";
import { ownedTable, prefixOf, Query, type Table } from "./table.ts";

const isInfo = objectWith({
  source: isString,
  authorId: isString,
  authorEmail: isString,
  message: orNull(isString),
  alias: orNull(isString),
  triggeredBy: isString,
  startupTimeMs: isNumber,
  handlers: listOf(isString),
  namedHandlers: listOf(objectWith({ name: isString, handlers: listOf(isString) })),
  etag: isString,
  lastDeployedFrom: isString,
});

export const versionTable = ownedTable<VersionRow>({
  name: "versions",
  idOf: (row) => row.versionId,
  columns: ["version_id", "number", "created_on", "modules", "info", "mac", "manifest"],
  encode: (row) => [
    row.versionId,
    row.number,
    row.createdOn,
    row.modules.join(" "),
    JSON.stringify(row.info),
    row.mac,
    row.manifest,
  ],
  decode: (columns) => ({
    versionId: columns.text(),
    number: columns.integer(),
    createdOn: columns.text(),
    modules: splitModules(columns.text()),
    info: columns.json(isInfo),
    mac: columns.bytes(),
    manifest: columns.bytes(),
  }),
});

export function splitModules(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}

export const moduleTable: Table<ModuleRow> = {
  name: "modules",
  columns: ["sha256", "bytes"],
  encode: (row) => [row.sha256, row.bytes],
  decode: (columns) => ({ sha256: columns.text(), bytes: columns.bytes() }),
};

export const recordTable = ownedTable<RecordRow>({
  name: "records",
  idOf: (row) => row.recordId,
  columns: ["record_id", "data_key_id", "type", "fingerprint", "counted_bytes", "created_on", "sealed"],
  encode: (row) => [row.recordId, row.dataKeyId, row.type, row.fingerprint, row.countedBytes, row.createdOn, row.sealed],
  decode: (columns) => ({
    recordId: columns.text(),
    dataKeyId: columns.text(),
    type: columns.oneOf("secret_text", "secret_key"),
    fingerprint: columns.bytes(),
    countedBytes: columns.integer(),
    createdOn: columns.text(),
    sealed: asSealed(columns.bytes()),
  }),
});

const SHORT_ID = /^[0-9a-f]{8}$/;

export class SqliteVersionReads implements VersionReads {
  readonly #byId: Query<Omit<VersionRow, "workerId">>;
  readonly #byPrefix: Query<Omit<VersionRow, "workerId">>;
  readonly #list: Query<Omit<VersionRow, "workerId">>;
  readonly #count: StatementSync;
  readonly #record: Query<Omit<RecordRow, "workerId">>;
  readonly #module: Query<ModuleRow>;

  constructor(db: DatabaseSync) {
    const ofWorker = "WHERE worker = (SELECT id FROM workers WHERE worker_id = ?)";
    this.#byId = new Query(db, versionTable, `${ofWorker} AND prefix = ? AND version_id = ? ORDER BY number DESC LIMIT 1`);
    this.#byPrefix = new Query(db, versionTable, `${ofWorker} AND prefix = ? ORDER BY number DESC LIMIT 2`);
    this.#list = new Query(db, versionTable, `${ofWorker} ORDER BY number DESC LIMIT ? OFFSET ?`);
    this.#count = db.prepare(`SELECT count(*) AS count FROM versions ${ofWorker}`);
    this.#record = new Query(db, recordTable, `${ofWorker} AND prefix = ? AND record_id = ?`);
    this.#module = new Query(db, moduleTable, "WHERE sha256 = ?");
  }

  find(workerId: Uuid, versionId: Uuid): Promise<VersionRow | undefined> {
    return reading(() => {
      const row = this.#byId.find(workerId, prefixOf(versionId), versionId);
      return row && Object.assign(row, { workerId });
    });
  }

  findByPrefix(workerId: Uuid, prefix: string): Promise<readonly VersionRow[]> {
    if (!SHORT_ID.test(prefix)) return Promise.resolve([]);
    return reading(() => this.#byPrefix.all(workerId, prefixOf(prefix)).map((row) => Object.assign(row, { workerId })));
  }

  list(workerId: Uuid, page: Page): Promise<readonly VersionRow[]> {
    return reading(() => this.#list.all(workerId, page.limit, page.offset).map((row) => Object.assign(row, { workerId })));
  }

  count(workerId: Uuid): Promise<number> {
    return reading(() => Number(this.#count.get(workerId)?.["count"]));
  }

  listRecords(workerId: Uuid, recordIds: readonly Uuid[]): Promise<readonly RecordRow[]> {
    return reading(() =>
      recordIds.flatMap((recordId) => {
        const row = this.#record.find(workerId, prefixOf(recordId), recordId);
        return row === undefined ? [] : [Object.assign(row, { workerId })];
      }),
    );
  }

  findModule(sha256: string): Promise<Uint8Array | undefined> {
    return reading(() => this.#module.find(sha256)?.bytes);
  }
}
