/**
 * What the other rooms may hold of the keyring: capabilities, not keys.
 *
 * `Sealer` goes to control, `Opener` only to the node agent. That is a guard in code, not a cryptographic border:
 * both rest on the data key (design.md 6).
 */
import type { AccountId, Head, Manifest, Redacted, Sealed, Uuid } from "@corral/base";

export type RecordType = "secret_text" | "secret_key";

/** data, fingerprint and manifest belong to a Worker; token and audit to the installation. */
export type KeyKind = "data" | "fingerprint" | "manifest" | "token" | "audit";

/** A key as it lies in storage; the shape of storage's WrappedKeyRow, without a door to storage. */
export interface WrappedKey {
  readonly keyId: Uuid;
  readonly kind: KeyKind;
  readonly ownerId: Uuid;
  readonly generation: number;
  readonly term: number;
  readonly wrapped: Sealed;
  readonly createdOn: string;
}

/** The root keyring as it lies in storage; the shape of storage's KeyringRow. */
export interface SealedKeyring {
  readonly generation: number;
  /** All terms, sealed under a key of its own. */
  readonly blob: Sealed;
  /** That key, wrapped once per KEK. */
  readonly slots: readonly { readonly slot: number; readonly kind: string; readonly keyId: string; readonly wrapped: Sealed }[];
}

/** Who a record belongs to; every field is in its AAD. */
export interface RecordIdentity {
  readonly accountId: AccountId;
  readonly workerId: Uuid;
  readonly recordId: Uuid;
  readonly dataKeyId: Uuid;
  readonly type: RecordType;
}

export interface SealedRecord {
  readonly recordId: Uuid;
  readonly dataKeyId: Uuid;
  readonly sealed: Sealed;
  /** HMAC-SHA-256 under the Worker's fingerprint key over TLV("corral/fingerprint/1", type, value). Never sent out. */
  readonly fingerprint: Uint8Array;
}

/** Made per Worker from its wrapped keys; the newest data key seals. */
export interface Sealer {
  seal(recordId: Uuid, type: RecordType, value: Redacted): SealedRecord;
  fingerprint(type: RecordType, value: Redacted): Uint8Array;
  /** Constant time. */
  sameFingerprint(a: Uint8Array, b: Uint8Array): boolean;
}

/** Made in the agent from keys that the feed released; the only way to a value. */
export interface Opener {
  /** Throws CorralError "record.unopenable", whatever the cause. */
  open(identity: RecordIdentity, sealed: Sealed): Redacted;
}

/** MACs over what binds names, code and traffic together. Made per Worker from its manifest key. */
export interface ManifestAuthenticator {
  /** The canonical bytes and their MAC. */
  sealManifest(manifest: Manifest): { readonly bytes: Uint8Array; readonly mac: Uint8Array };
  /** Throws CorralError "manifest.forged". Ids are those the caller asked for. */
  openManifest(workerId: Uuid, versionId: Uuid, bytes: Uint8Array, mac: Uint8Array): Manifest;
  macHead(head: Head): Uint8Array;
  /** Throws CorralError "manifest.forged". */
  verifyHead(head: Head, mac: Uint8Array): void;
}

/** The keys of one Worker as the agent gets them over its unix socket, and no more than it needs. */
export interface ReleasedKeys {
  readonly manifestKey: Uint8Array;
  readonly dataKeys: readonly { readonly keyId: Uuid; readonly key: Uint8Array }[];
}

/** The opened root keyring. Lives in the control plane's process. */
export interface Keyring {
  readonly installId: Uuid;
  /** Fresh wrapped keys for a new Worker: data, fingerprint and manifest, generation 1. */
  createWorkerKeys(accountId: AccountId, workerId: Uuid, createdOn: string): readonly WrappedKey[];
  sealer(accountId: AccountId, workerId: Uuid, keys: readonly WrappedKey[]): Sealer;
  authenticator(workerId: Uuid, keys: readonly WrappedKey[]): ManifestAuthenticator;
  /** For the feed to the node that runs this Worker. */
  release(workerId: Uuid, keys: readonly WrappedKey[]): ReleasedKeys;
  /** Installation keys: token and audit. */
  createInstallKeys(createdOn: string): readonly WrappedKey[];
  /** HMAC-SHA-256 under the token key or the audit key. */
  installMac(kind: "token" | "audit", keys: readonly WrappedKey[]): (...fields: readonly (string | Uint8Array)[]) => Uint8Array;
  /**
   * Re-seals a record for another Worker without showing the value (copy). The one door besides `Opener`.
   */
  resealFor(
    from: { readonly keys: readonly WrappedKey[]; readonly identity: RecordIdentity; readonly sealed: Sealed },
    to: { readonly accountId: AccountId; readonly workerId: Uuid; readonly keys: readonly WrappedKey[]; readonly recordId: Uuid },
  ): SealedRecord;
}

/**
 * Wraps the root keyring; one per slot. `ctx` is authenticated, not secret.
 * `wrap` and `unwrap` may fail with "kek.wrong"; a provider never logs or quotes what it was given.
 */
export interface KekProvider {
  readonly kind: string;
  keyId(): Promise<string>;
  wrap(plain: Uint8Array, ctx: Readonly<Record<string, string>>): Promise<Sealed>;
  unwrap(wrapped: Sealed, ctx: Readonly<Record<string, string>>): Promise<Uint8Array>;
}
