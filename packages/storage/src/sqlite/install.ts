import type { DatabaseSync } from "node:sqlite";
import { type AccountId, asSealed, type Uuid } from "@corral/base";
import type {
  AccountRow,
  AuditRow,
  IdempotencyRow,
  InstallRow,
  KekSlotRow,
  KeyringRow,
  TokenRow,
  WrappedKeyRow,
} from "../rows.ts";
import type { InstallReads, Page } from "../store.ts";
import { inSnapshot, reading } from "./reading.ts";
import { isString, listOf } from "./shapes.ts";
import { Query, type Table } from "./table.ts";

export const installTable: Table<InstallRow> = {
  name: "install",
  columns: ["install_id", "created_on", "subdomain"],
  encode: (row) => [row.installId, row.createdOn, row.subdomain],
  decode: (columns) => ({ installId: columns.text(), createdOn: columns.text(), subdomain: columns.text() }),
};

export const keyringTable: Table<Omit<KeyringRow, "slots">> = {
  name: "keyring",
  columns: ["generation", "blob"],
  encode: (row) => [row.generation, row.blob],
  decode: (columns) => ({ generation: columns.integer(), blob: asSealed(columns.bytes()) }),
};

export const kekSlotTable: Table<KekSlotRow> = {
  name: "kek_slots",
  columns: ["slot", "kind", "key_id", "wrapped"],
  encode: (row) => [row.slot, row.kind, row.keyId, row.wrapped],
  decode: (columns) => ({
    slot: columns.integer(),
    kind: columns.text(),
    keyId: columns.text(),
    wrapped: asSealed(columns.bytes()),
  }),
};

export const keyTable: Table<WrappedKeyRow> = {
  name: "wrapped_keys",
  columns: ["key_id", "kind", "owner_id", "generation", "term", "wrapped", "created_on"],
  encode: (row) => [row.keyId, row.kind, row.ownerId, row.generation, row.term, row.wrapped, row.createdOn],
  decode: (columns) => ({
    keyId: columns.text(),
    kind: columns.oneOf("data", "fingerprint", "manifest", "token", "audit"),
    ownerId: columns.text(),
    generation: columns.integer(),
    term: columns.integer(),
    wrapped: asSealed(columns.bytes()),
    createdOn: columns.text(),
  }),
};

export const accountTable: Table<AccountRow> = {
  name: "accounts",
  columns: ["account_id", "name", "label", "created_on"],
  encode: (row) => [row.accountId, row.name, row.label, row.createdOn],
  decode: (columns) => ({
    accountId: columns.text(),
    name: columns.text(),
    label: columns.textOrNull(),
    createdOn: columns.text(),
  }),
};

export const tokenTable: Table<TokenRow> = {
  name: "tokens",
  columns: ["token_id", "account_id", "digest", "name", "scopes", "created_on", "expires_on"],
  encode: (row) => [row.tokenId, row.accountId, row.digest, row.name, JSON.stringify(row.scopes), row.createdOn, row.expiresOn],
  decode: (columns) => ({
    tokenId: columns.text(),
    accountId: columns.text(),
    digest: columns.bytes(),
    name: columns.text(),
    scopes: columns.json(listOf(isString)),
    createdOn: columns.text(),
    expiresOn: columns.textOrNull(),
  }),
};

export const auditTable: Table<AuditRow & { readonly seq: number }> = {
  name: "audit",
  columns: [
    "seq",
    "at",
    "actor",
    "action",
    "account_id",
    "worker_id",
    "worker_name",
    "subject",
    "version_id",
    "deployment_id",
    "request_id",
  ],
  encode: (row) => [
    row.seq,
    row.at,
    row.actor,
    row.action,
    row.accountId,
    row.workerId,
    row.workerName,
    row.subject,
    row.versionId,
    row.deploymentId,
    row.requestId,
  ],
  decode: (columns) => ({
    seq: columns.integer(),
    at: columns.text(),
    actor: columns.text(),
    action: columns.text(),
    accountId: columns.text(),
    workerId: columns.textOrNull(),
    workerName: columns.textOrNull(),
    subject: columns.textOrNull(),
    versionId: columns.textOrNull(),
    deploymentId: columns.textOrNull(),
    requestId: columns.textOrNull(),
  }),
};

export const idempotencyTable: Table<IdempotencyRow> = {
  name: "idempotency",
  columns: ["account_id", "key", "digest", "status", "answer", "created_on"],
  encode: (row) => [row.accountId, row.key, row.digest, row.status, row.answer, row.createdOn],
  decode: (columns) => ({
    accountId: columns.text(),
    key: columns.text(),
    digest: columns.bytes(),
    status: columns.integer(),
    answer: columns.text(),
    createdOn: columns.text(),
  }),
};

export class SqliteInstallReads implements InstallReads {
  readonly #db: DatabaseSync;
  readonly #install: Query<InstallRow>;
  readonly #keyring: Query<Omit<KeyringRow, "slots">>;
  readonly #slots: Query<KekSlotRow>;
  readonly #accounts: Query<AccountRow>;
  readonly #token: Query<TokenRow>;
  readonly #tokens: Query<TokenRow>;
  readonly #keys: Query<WrappedKeyRow>;
  readonly #audit: Query<AuditRow & { readonly seq: number }>;
  readonly #idempotency: Query<IdempotencyRow>;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#install = new Query(db, installTable, "");
    this.#keyring = new Query(db, keyringTable, "");
    this.#slots = new Query(db, kekSlotTable, "ORDER BY slot");
    this.#accounts = new Query(db, accountTable, "ORDER BY created_on, account_id");
    this.#token = new Query(db, tokenTable, "WHERE token_id = ?");
    this.#tokens = new Query(db, tokenTable, "WHERE account_id = ? ORDER BY created_on, token_id");
    this.#keys = new Query(db, keyTable, "WHERE owner_id = ? ORDER BY kind, generation");
    this.#audit = new Query(db, auditTable, "WHERE account_id = ? ORDER BY seq DESC LIMIT ? OFFSET ?");
    this.#idempotency = new Query(db, idempotencyTable, "WHERE account_id = ? AND key = ?");
  }

  find(): Promise<InstallRow | undefined> {
    return reading(() => this.#install.find());
  }

  findKeyring(): Promise<KeyringRow | undefined> {
    return reading(() =>
      inSnapshot(this.#db, () => {
        const keyring = this.#keyring.find();
        return keyring === undefined ? undefined : { ...keyring, slots: this.#slots.all() };
      }),
    );
  }

  listAccounts(): Promise<readonly AccountRow[]> {
    return reading(() => this.#accounts.all());
  }

  findToken(tokenId: string): Promise<TokenRow | undefined> {
    return reading(() => this.#token.find(tokenId));
  }

  listTokens(accountId: AccountId): Promise<readonly TokenRow[]> {
    return reading(() => this.#tokens.all(accountId));
  }

  listKeys(ownerId: Uuid): Promise<readonly WrappedKeyRow[]> {
    return reading(() => this.#keys.all(ownerId));
  }

  listAudit(accountId: AccountId, page: Page): Promise<readonly (AuditRow & { readonly seq: number })[]> {
    return reading(() => this.#audit.all(accountId, page.limit, page.offset));
  }

  findIdempotency(accountId: AccountId, key: string): Promise<IdempotencyRow | undefined> {
    return reading(() => this.#idempotency.find(accountId, key));
  }
}
