import type { DatabaseSync, StatementSync } from "node:sqlite";
import { asSealed, type Uuid } from "@corral/base";
import type { ModuleRow, RecordRow, VersionRow } from "../rows.ts";
import type { Page, VersionReads } from "../store.ts";
import { reading } from "./reading.ts";
import { isNumber, isString, listOf, objectWith, orNull } from "./shapes.ts";
import { Query, type Table } from "./table.ts";

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

export const versionTable: Table<VersionRow> = {
  name: "versions",
  columns: ["version_id", "worker_id", "number", "created_on", "manifest", "mac", "modules", "info"],
  encode: (row) => [
    row.versionId,
    row.workerId,
    row.number,
    row.createdOn,
    row.manifest,
    row.mac,
    row.modules.join(" "),
    JSON.stringify(row.info),
  ],
  decode: (columns) => ({
    versionId: columns.text(),
    workerId: columns.text(),
    number: columns.integer(),
    createdOn: columns.text(),
    manifest: columns.bytes(),
    mac: columns.bytes(),
    modules: splitModules(columns.text()),
    info: columns.json(isInfo),
  }),
};

export function splitModules(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}

export const moduleTable: Table<ModuleRow> = {
  name: "modules",
  columns: ["sha256", "bytes"],
  encode: (row) => [row.sha256, row.bytes],
  decode: (columns) => ({ sha256: columns.text(), bytes: columns.bytes() }),
};

export const recordTable: Table<RecordRow> = {
  name: "records",
  columns: ["record_id", "worker_id", "data_key_id", "type", "sealed", "fingerprint", "counted_bytes", "created_on"],
  encode: (row) => [
    row.recordId,
    row.workerId,
    row.dataKeyId,
    row.type,
    row.sealed,
    row.fingerprint,
    row.countedBytes,
    row.createdOn,
  ],
  decode: (columns) => ({
    recordId: columns.text(),
    workerId: columns.text(),
    dataKeyId: columns.text(),
    type: columns.oneOf("secret_text", "secret_key"),
    sealed: asSealed(columns.bytes()),
    fingerprint: columns.bytes(),
    countedBytes: columns.integer(),
    createdOn: columns.text(),
  }),
};

const PREFIX = /^[0-9a-f]{8}$/;

export class SqliteVersionReads implements VersionReads {
  readonly #byId: Query<VersionRow>;
  readonly #byPrefix: Query<VersionRow>;
  readonly #list: Query<VersionRow>;
  readonly #count: StatementSync;
  readonly #record: Query<RecordRow>;
  readonly #module: Query<ModuleRow>;

  constructor(db: DatabaseSync) {
    this.#byId = new Query(db, versionTable, "WHERE version_id = ? AND worker_id = ?");
    this.#byPrefix = new Query(
      db,
      versionTable,
      "WHERE version_id >= ? AND version_id < ? AND worker_id = ? ORDER BY version_id LIMIT 2",
    );
    this.#list = new Query(db, versionTable, "WHERE worker_id = ? ORDER BY number DESC LIMIT ? OFFSET ?");
    this.#count = db.prepare("SELECT count(*) AS count FROM versions WHERE worker_id = ?");
    this.#record = new Query(db, recordTable, "WHERE worker_id = ? AND record_id = ?");
    this.#module = new Query(db, moduleTable, "WHERE sha256 = ?");
  }

  find(workerId: Uuid, versionId: Uuid): Promise<VersionRow | undefined> {
    return reading(() => this.#byId.find(versionId, workerId));
  }

  findByPrefix(workerId: Uuid, prefix: string): Promise<readonly VersionRow[]> {
    if (!PREFIX.test(prefix)) return Promise.resolve([]);
    // A uuid goes on with "-", and "." is the next character after it.
    return reading(() => this.#byPrefix.all(`${prefix}-`, `${prefix}.`, workerId));
  }

  list(workerId: Uuid, page: Page): Promise<readonly VersionRow[]> {
    return reading(() => this.#list.all(workerId, page.limit, page.offset));
  }

  count(workerId: Uuid): Promise<number> {
    return reading(() => Number(this.#count.get(workerId)?.["count"]));
  }

  listRecords(workerId: Uuid, recordIds: readonly Uuid[]): Promise<readonly RecordRow[]> {
    return reading(() => recordIds.map((id) => this.#record.find(workerId, id)).filter((row) => row !== undefined));
  }

  findModule(sha256: string): Promise<Uint8Array | undefined> {
    return reading(() => this.#module.find(sha256)?.bytes);
  }
}
