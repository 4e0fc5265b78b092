/**
 * The MACs that hold names, code and traffic together (design.md 6): whoever can write the database can neither swap
 * a module, point a name at another record, nor move traffic.
 *
 *   manifest: HMAC-SHA-256(manifest key, TLV("corral/manifest/1", install id, Worker, version, canonical bytes))
 *   head:     HMAC-SHA-256(manifest key, TLV("corral/head/1", install id, Worker, account, name, epoch,
 *             newest version or "", its number, deployment or "", routed, previews, count of shares,
 *             then of each share: version, percentage in thousandths))
 *
 * Numbers are decimal text, booleans "0" and "1".
 */
import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { CorralError, type Head, type Share, type Uuid } from "@corral/base";
import { fields } from "./fields.ts";
import { decodeManifest, encodeManifest } from "./manifest.ts";
import { sameBytes } from "./same-bytes.ts";
import type { ManifestAuthenticator } from "./types.ts";

export function createAuthenticator(installId: Uuid, workerId: Uuid, manifestKey: Uint8Array): ManifestAuthenticator {
  return authenticatorOf(installId, workerId, createSecretKey(manifestKey));
}

export function authenticatorOf(installId: Uuid, workerId: Uuid, manifestKey: KeyObject): ManifestAuthenticator {
  const mac = (bytes: Uint8Array): Uint8Array => createHmac("sha256", manifestKey).update(bytes).digest();
  const macManifest = (versionId: Uuid, bytes: Uint8Array): Uint8Array =>
    mac(fields("corral/manifest/1", installId, workerId, versionId, bytes));

  return {
    sealManifest(manifest) {
      if (manifest.workerId !== workerId) throw new Error("internal: a manifest of another Worker");
      const bytes = encodeManifest(manifest);
      return { bytes, mac: macManifest(manifest.versionId, bytes) };
    },
    openManifest(wantedWorkerId, versionId, bytes, givenMac) {
      if (wantedWorkerId !== workerId || !sameBytes(macManifest(versionId, bytes), givenMac)) throw forged();
      const manifest = decodeManifest(bytes);
      if (manifest?.workerId !== workerId || manifest.versionId !== versionId) throw forged();
      return manifest;
    },
    macHead(head) {
      const bytes = head.workerId === workerId ? encodeHead(installId, head) : undefined;
      if (bytes === undefined) throw new Error("internal: a head of another Worker, or with shares finer than 0.001 %");
      return mac(bytes);
    },
    verifyHead(head, givenMac) {
      const bytes = head.workerId === workerId ? encodeHead(installId, head) : undefined;
      if (bytes === undefined || !sameBytes(mac(bytes), givenMac)) throw forged();
    },
  };
}

/** undefined if a share has no exact form; two different heads never have the same bytes. */
function encodeHead(installId: Uuid, head: Head): Uint8Array | undefined {
  const shares: string[] = [];
  for (const share of head.shares) {
    const thousandths = inThousandths(share);
    if (thousandths === undefined) return undefined;
    shares.push(share.versionId, String(thousandths));
  }
  return fields(
    "corral/head/1",
    installId,
    head.workerId,
    head.accountId,
    head.name,
    String(head.epoch),
    head.newestVersionId ?? "",
    String(head.newestNumber),
    head.deploymentId ?? "",
    head.routed ? "1" : "0",
    head.previews ? "1" : "0",
    String(head.shares.length),
    ...shares,
  );
}

function inThousandths({ percentage }: Share): number | undefined {
  const thousandths = Math.round(percentage * 1000);
  // The number that was meant is the one nearest to a decimal with three places; 0.1 * 1000 is not always whole.
  return thousandths / 1000 === percentage ? thousandths : undefined;
}

function forged(): CorralError {
  return new CorralError("manifest.forged");
}
