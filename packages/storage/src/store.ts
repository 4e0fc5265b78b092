/**
 * The storage port: typed reads, and one door for writing.
 *
 * `commit(plan)` applies a plan whole or not at all, and resolves when it is durable. Reads never see a plan that
 * is not yet durable. No transaction crosses an await (design.md 5). Implementations: sqlite/ (and postgres/), the
 * same file names in each, one contract suite over both.
 *
 * Every method may reject with CorralError "storage.failed", "storage.full" or "storage.corrupt".
 */
import type { AccountId, Uuid } from "@corral/base";
import type {
  AccountRow,
  AuditRow,
  DeploymentRow,
  IdempotencyRow,
  InstallRow,
  KeyringRow,
  ModuleRow,
  RecordRow,
  TokenRow,
  VersionRow,
  WorkerRow,
  WrappedKeyRow,
} from "./rows.ts";

/** One Worker's change. Made from the head at `expectedEpoch`; refused with "conflict" if the head has moved since. */
export interface Plan {
  readonly workerId: Uuid;
  /** null: the Worker must not exist, nor another one of the same account and name. */
  readonly expectedEpoch: number | null;
  /**
   * Also the head's MAC must be this one. For a plan made upon another that is not durable yet: if a third came between
   * them, the epoch is the expected one and the head is not.
   */
  readonly expectedHeadMac?: Uint8Array;
  /** The Worker as it is afterwards (`changeSeq` is assigned by the store); null deletes it with all that it owns. */
  readonly worker: Omit<WorkerRow, "changeSeq"> | null;
  readonly keys?: readonly WrappedKeyRow[];
  /** Every module of an uploaded version; bytes that are stored already are not written again. */
  readonly modules?: readonly ModuleRow[];
  readonly records?: readonly RecordRow[];
  readonly versions?: readonly VersionRow[];
  readonly deployment?: DeploymentRow;
  /** Rows that no retained version needs any more. Module bytes that no version names then go by themselves. */
  readonly destroy?: {
    readonly versionIds: readonly Uuid[];
    readonly recordIds: readonly Uuid[];
    readonly deploymentIds?: readonly Uuid[];
  };
  /** At least one; written in the same commit. */
  readonly audit: readonly [AuditRow, ...AuditRow[]];
  /** An (account, key) that is stored already makes the whole plan a "conflict": the caller then finds the answer. */
  readonly idempotency?: IdempotencyRow;
}

export type CommitResult = "committed" | "conflict";

/** Changes that belong to no Worker: first start, tokens, accounts, key rotations. */
export interface InstallPlan {
  readonly install?: InstallRow;
  /** Replaces the keyring if its generation is one below; the first has generation 1. */
  readonly keyring?: KeyringRow;
  readonly keys?: readonly WrappedKeyRow[];
  readonly accounts?: readonly AccountRow[];
  readonly tokens?: readonly TokenRow[];
  readonly revokeTokenIds?: readonly string[];
  readonly audit: readonly AuditRow[];
}

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

export interface Store {
  readonly install: InstallReads;
  readonly workers: WorkerReads;
  readonly versions: VersionReads;
  readonly deployments: DeploymentReads;
  /**
   * Plans of one Worker are applied in the order in which they were handed in: control builds a plan upon one that is not
   * durable yet, and the second must then find the first applied, or conflict.
   */
  commit(plan: Plan): Promise<CommitResult>;
  commitInstall(plan: InstallPlan): Promise<CommitResult>;
  close(): Promise<void>;
}

export interface InstallReads {
  find(): Promise<InstallRow | undefined>;
  findKeyring(): Promise<KeyringRow | undefined>;
  listAccounts(): Promise<readonly AccountRow[]>;
  findToken(tokenId: string): Promise<TokenRow | undefined>;
  /** By time of creation. */
  listTokens(accountId: AccountId): Promise<readonly TokenRow[]>;
  /** Keys of one owner, all kinds and generations. */
  listKeys(ownerId: Uuid): Promise<readonly WrappedKeyRow[]>;
  listAudit(accountId: AccountId, page: Page): Promise<readonly (AuditRow & { readonly seq: number })[]>;
  findIdempotency(accountId: AccountId, key: string): Promise<IdempotencyRow | undefined>;
}

export interface WorkerReads {
  find(accountId: AccountId, name: string): Promise<WorkerRow | undefined>;
  findById(workerId: Uuid): Promise<WorkerRow | undefined>;
  /** By name. */
  list(accountId: AccountId, page: Page): Promise<readonly WorkerRow[]>;
  count(accountId: AccountId): Promise<number>;
  /** Ids and sequence numbers of Workers changed or deleted after `seq`, oldest first. A hint: reconcile by `listHeads`. */
  listChangesAfter(seq: number, limit: number): Promise<readonly { readonly seq: number; readonly workerId: Uuid }[]>;
  /** The highest sequence number so far; 0 before the first commit. */
  lastChangeSeq(): Promise<number>;
  /** Every Worker's id and epoch. */
  listHeads(): Promise<readonly { readonly workerId: Uuid; readonly epoch: number }[]>;
}

export interface VersionReads {
  find(workerId: Uuid, versionId: Uuid): Promise<VersionRow | undefined>;
  /** The retained versions whose id starts with these 8 hex digits (preview hostnames); at most 2. */
  findByPrefix(workerId: Uuid, prefix: string): Promise<readonly VersionRow[]>;
  /** Newest first. */
  list(workerId: Uuid, page: Page): Promise<readonly VersionRow[]>;
  count(workerId: Uuid): Promise<number>;
  /** In the order asked for; a missing record is left out. */
  listRecords(workerId: Uuid, recordIds: readonly Uuid[]): Promise<readonly RecordRow[]>;
  findModule(sha256: string): Promise<Uint8Array | undefined>;
}

export interface DeploymentReads {
  find(workerId: Uuid, deploymentId: Uuid): Promise<DeploymentRow | undefined>;
  /** Newest first. */
  list(workerId: Uuid, page: Page): Promise<readonly DeploymentRow[]>;
}
