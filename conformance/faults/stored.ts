/** What a node would get and open: every Worker's live secrets, out of the data that a dead control plane left. */
import { join } from "node:path";
import { isSecret, systemClock, systemRandom } from "@corral/base";
import { createAuthenticator, createOpener, openFileKek } from "@corral/keyring";
import { openControlPlane } from "@corral/server";

/** Worker's name, then secret's name, to value. Rejects when a MAC or a record does not hold. */
export type Stored = ReadonlyMap<string, ReadonlyMap<string, string>>;

export async function readStored(dataDirectory: string): Promise<Stored> {
  const kek = await openFileKek(join(dataDirectory, "kek"), { random: systemRandom });
  const plane = await openControlPlane({ dataDirectory, kek, clock: systemClock, random: systemRandom });
  try {
    const { installId } = await plane.feed.hello();
    const stored = new Map<string, ReadonlyMap<string, string>>();
    for (const { workerId } of await plane.feed.heads()) {
      const worker = await plane.feed.worker(workerId);
      if (worker === undefined) throw new Error("a head without its Worker");
      const { head, accountId, keys, versions } = worker;
      const manifestKey = bytes(keys.manifestKey);
      const dataKeys = keys.dataKeys.map(({ keyId, key }) => ({ keyId, key: bytes(key) }));
      const authenticator = createAuthenticator(installId, workerId, manifestKey);
      const opener = createOpener(installId, accountId, workerId, { manifestKey, dataKeys });
      authenticator.verifyHead(head, bytes(worker.headMac));
      const values = new Map<string, string>();
      for (const { versionId, manifest, mac, records } of versions) {
        const { bindings } = authenticator.openManifest(workerId, versionId, bytes(manifest), bytes(mac));
        for (const { name, recordId } of bindings.filter(isSecret)) {
          const record = records.find((each) => each.recordId === recordId);
          if (record === undefined) throw new Error("a version without its record");
          const { dataKeyId, type } = record;
          const sealed = bytes(record.sealed) as Parameters<typeof opener.open>[1];
          values.set(name, opener.open({ accountId, workerId, recordId, dataKeyId, type }, sealed).reveal());
        }
      }
      stored.set(head.name, values);
    }
    return stored;
  } finally {
    await plane.close();
  }
}

function bytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}
