/**
 * What is stored, typed. Storage sees sealed bytes, never a value; ids and times come from the caller.
 * docs/storage-schema.md draws the tables.
 */
import type { AccountId, Head, ScriptSettings, Sealed, Share, Uuid } from "@corral/base";

export interface InstallRow {
  readonly installId: Uuid;
  readonly createdOn: string;
  /** `corral-<8 random hex>`: the workers.dev label that stock wrangler prints. */
  readonly subdomain: string;
}

/** The root keyring, sealed, and the KEK slots that wrap its key. One row, replaced as a whole by a rotation. */
export interface KeyringRow {
  readonly generation: number;
  readonly blob: Sealed;
  readonly slots: readonly KekSlotRow[];
}

export interface KekSlotRow {
  readonly slot: number;
  readonly kind: string;
  readonly keyId: string;
  readonly wrapped: Sealed;
}

export type KeyKind = "data" | "fingerprint" | "manifest" | "token" | "audit";

/** A key wrapped under a term of the root keyring. `ownerId` is a Worker's uuid, or the installation's. */
export interface WrappedKeyRow {
  readonly keyId: Uuid;
  readonly kind: KeyKind;
  readonly ownerId: Uuid;
  /** Counts the keys of one kind and owner from 1; the highest seals, all open. */
  readonly generation: number;
  readonly term: number;
  readonly wrapped: Sealed;
  readonly createdOn: string;
}

export interface AccountRow {
  readonly accountId: AccountId;
  readonly name: string;
  /** Host label between Worker and domain; null for the first account. */
  readonly label: string | null;
  readonly createdOn: string;
}

export interface TokenRow {
  readonly tokenId: string;
  readonly accountId: AccountId;
  /** HMAC-SHA-256 of the token's secret under the token key. */
  readonly digest: Uint8Array;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdOn: string;
  readonly expiresOn: string | null;
}

export interface WorkerRow {
  readonly workerId: Uuid;
  readonly accountId: AccountId;
  readonly createdOn: string;
  readonly modifiedOn: string;
  readonly settings: ScriptSettings;
  readonly head: Head;
  readonly headMac: Uint8Array;
  /** Grows with every commit anywhere in the installation; the feed's cursor. */
  readonly changeSeq: number;
}

/** Says of a version what its manifest does not have to prove. */
export interface VersionInfo {
  readonly source: string;
  readonly authorId: string;
  readonly authorEmail: string;
  readonly message: string | null;
  readonly alias: string | null;
  readonly triggeredBy: string;
  readonly startupTimeMs: number;
  readonly handlers: readonly string[];
  readonly namedHandlers: readonly { readonly name: string; readonly handlers: readonly string[] }[];
  readonly etag: string;
  readonly lastDeployedFrom: string;
}

export interface VersionRow {
  readonly versionId: Uuid;
  readonly workerId: Uuid;
  readonly number: number;
  readonly createdOn: string;
  /** The canonical bytes that `mac` covers; keyring's `decodeManifest` reads them. */
  readonly manifest: Uint8Array;
  readonly mac: Uint8Array;
  /** SHA-256 of each of its modules, none twice: storage keeps a module's bytes while a version names it. */
  readonly modules: readonly string[];
  readonly info: VersionInfo;
}

export interface RecordRow {
  readonly recordId: Uuid;
  readonly workerId: Uuid;
  readonly dataKeyId: Uuid;
  readonly type: "secret_text" | "secret_key";
  readonly sealed: Sealed;
  /** Keyed; compared, never sent out. */
  readonly fingerprint: Uint8Array;
  /** What the value adds to a version's env as workerd counts it (design.md 8); known without opening. Never sent out. */
  readonly countedBytes: number;
  readonly createdOn: string;
}

export interface ModuleRow {
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

export interface DeploymentRow {
  readonly deploymentId: Uuid;
  readonly workerId: Uuid;
  readonly createdOn: string;
  readonly source: string;
  readonly authorId: string;
  readonly authorEmail: string;
  readonly message: string | null;
  readonly triggeredBy: string;
  readonly shares: readonly Share[];
}

/** An allow-list of typed fields: no body, no header, no free text. */
export interface AuditRow {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly accountId: AccountId;
  readonly workerId: Uuid | null;
  readonly workerName: string | null;
  /** The name of the secret or binding, when the action has one. */
  readonly subject: string | null;
  readonly versionId: Uuid | null;
  readonly deploymentId: Uuid | null;
  readonly requestId: string | null;
}

export interface IdempotencyRow {
  readonly accountId: AccountId;
  readonly key: string;
  /** HMAC of method, path and body under the audit key: tells a retry from a re-use. */
  readonly digest: Uint8Array;
  readonly status: number;
  /** The answer's envelope, as it was sent; names and ids only. */
  readonly answer: string;
  readonly createdOn: string;
}
