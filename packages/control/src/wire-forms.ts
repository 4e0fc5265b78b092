/** Stored rows as the feed carries them. */
import type { Uuid } from "@corral/base";
import type { FeedVersion, FeedWorker } from "@corral/contract";
import type { Keyring, WrappedKey } from "@corral/keyring";
import type { RecordRow, VersionRow } from "@corral/storage";

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

export function feedVersion(
  row: Pick<VersionRow, "versionId" | "manifest" | "mac">,
  records: readonly Pick<RecordRow, "recordId" | "dataKeyId" | "type" | "sealed">[],
): FeedVersion {
  return {
    versionId: row.versionId,
    manifest: base64(row.manifest),
    mac: base64(row.mac),
    records: records.map(({ recordId, dataKeyId, type, sealed }) => ({ recordId, dataKeyId, type, sealed: base64(sealed) })),
  };
}

export function feedKeys(keyring: Keyring, workerId: Uuid, keys: readonly WrappedKey[]): FeedWorker["keys"] {
  const { manifestKey, dataKeys } = keyring.release(workerId, keys);
  return { manifestKey: base64(manifestKey), dataKeys: dataKeys.map(({ keyId, key }) => ({ keyId, key: base64(key) })) };
}
