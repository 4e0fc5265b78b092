/** A version as it lies in the agent's memory: authenticated, its values still sealed. */
import { asSealed, type Manifest, type Sealed, type SecretBinding, type Uuid } from "@corral/base";
import type { AccountId, Redacted } from "@corral/base";
import type { FeedVersion } from "@corral/contract";
import type { ManifestAuthenticator, Opener } from "@corral/keyring";

export interface PlacedVersion {
  readonly accountId: AccountId;
  readonly manifest: Manifest;
  /** Opens the record of one of its bindings; throws CorralError "record.unopenable". */
  openSecret(binding: SecretBinding): Redacted;
}

export interface WorkerKeys {
  readonly authenticator: ManifestAuthenticator;
  readonly opener: Opener;
}

/** Throws CorralError "manifest.forged" before anything is opened. */
export function placeVersion(accountId: AccountId, workerId: Uuid, given: FeedVersion, keys: WorkerKeys): PlacedVersion {
  const manifest = keys.authenticator.openManifest(workerId, given.versionId, bytesOf(given.manifest), bytesOf(given.mac));
  const records = new Map<Uuid, { readonly dataKeyId: Uuid; readonly sealed: Sealed }>();
  for (const { recordId, dataKeyId, sealed } of given.records) {
    records.set(recordId, { dataKeyId, sealed: asSealed(bytesOf(sealed)) });
  }
  return {
    accountId,
    manifest,
    openSecret({ recordId, type }) {
      const record = records.get(recordId);
      // An identity without a key opens nothing: a record that is not there fails as one that is damaged.
      const { dataKeyId, sealed } = record ?? { dataKeyId: "", sealed: asSealed(new Uint8Array()) };
      return keys.opener.open({ accountId, workerId, recordId, dataKeyId, type }, sealed);
    },
  };
}

export function bytesOf(base64: string): Uint8Array {
  return Buffer.from(base64, "base64");
}
