/**
 * What a released Corral has written stays readable: each format's first bytes are kept in vectors/ and opened here.
 * A failure means that data of an earlier release would be lost; the vectors are never regenerated.
 */
import { Buffer } from "node:buffer";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asSealed, type Manifest, Redacted, type Sealed, systemRandom } from "@corral/base";
import { expect, test } from "vitest";
import golden from "../vectors/keyring-1.json" with { type: "json" };
import { createAuthenticator } from "./authenticator.ts";
import { openFileKek } from "./kek/file/provider.ts";
import { openKeyring } from "./keyring.ts";
import { createOpener } from "./opener.ts";
import type { KeyKind, Keyring, WrappedKey } from "./types.ts";

const random = systemRandom;
const { installId, accountId, workerId } = golden;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const sealed = (text: string): Sealed => asSealed(Buffer.from(text, "hex"));
const rows = (keys: typeof golden.workerKeys): readonly WrappedKey[] =>
  keys.map((key) => ({ ...key, kind: key.kind as KeyKind, wrapped: sealed(key.wrapped) }));

async function openGolden(): Promise<Keyring> {
  const folder = await mkdtemp(join(tmpdir(), "corral-golden-"));
  try {
    await writeFile(join(folder, "kek"), golden.keyFile, { mode: 0o600 });
    const kek = await openFileKek(join(folder, "kek"), { random });
    expect(await kek.keyId()).toBe(golden.kekKeyId);
    const { generation, blob } = golden.sealed;
    const slots = golden.sealed.slots.map((slot) => ({ ...slot, wrapped: sealed(slot.wrapped) }));
    return await openKeyring({ installId, sealed: { generation, blob: sealed(blob), slots }, kek, random });
  } finally {
    await rm(folder, { recursive: true });
  }
}

const keyring = await openGolden();
const workerKeys = rows(golden.workerKeys);
const installKeys = rows(golden.installKeys);
const authenticator = createAuthenticator(installId, workerId, Buffer.from(golden.released.manifestKey, "hex"));

test("the key file, the root keyring and the wrapped keys of format 1 open", () => {
  const { manifestKey, dataKeys } = keyring.release(workerId, workerKeys);
  expect({ manifestKey: hex(manifestKey), dataKey: hex(dataKeys[0]!.key) }).toEqual(golden.released);
});

test("a record and its fingerprint of format 1 are what they were", () => {
  const { recordId, dataKeyId, value, fingerprint } = golden.record;
  const opener = createOpener(installId, accountId, workerId, keyring.release(workerId, workerKeys));
  const identity = { accountId, workerId, recordId, dataKeyId, type: "secret_text" } as const;
  expect(opener.open(identity, sealed(golden.record.sealed)).reveal()).toBe(value);
  const sealer = keyring.sealer(accountId, workerId, workerKeys);
  expect(hex(sealer.fingerprint("secret_text", new Redacted(value)))).toBe(fingerprint);
});

test("a manifest of format 1 has the same bytes and MAC", () => {
  const manifest = golden.manifest as unknown as Manifest;
  const { bytes, mac } = authenticator.sealManifest(manifest);
  expect(Buffer.from(bytes).toString()).toBe(golden.manifestText);
  expect(hex(mac)).toBe(golden.manifestMac);
  expect(authenticator.openManifest(workerId, manifest.versionId, bytes, mac)).toEqual(manifest);
});

test("a head of format 1 has the same MAC", () => {
  expect(hex(authenticator.macHead(golden.head))).toBe(golden.headMac);
});

test("token and audit MACs of format 1 are the same", () => {
  for (const [kind, { fields, mac }] of [
    ["token", golden.tokenMac],
    ["audit", golden.auditMac],
  ] as const) {
    expect(hex(keyring.installMac(kind, installKeys)(...fields))).toBe(mac);
  }
});
