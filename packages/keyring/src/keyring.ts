/**
 * The opened root keyring as the control plane holds it: it hands out capabilities and wrapped keys, no bytes but
 * those that `release` gives to the node which runs a Worker.
 */
import { createHmac } from "node:crypto";
import { CorralError, type Random, type Uuid } from "@corral/base";
import { authenticatorOf } from "./authenticator.ts";
import { fields } from "./fields.ts";
import { createKeyCache } from "./key-cache.ts";
import { createOpener } from "./opener.ts";
import { pooledRandom } from "./pooled-random.ts";
import { RootKeyring } from "./root-keyring.ts";
import { createSealer } from "./sealer.ts";
import type { KekProvider, KeyKind, Keyring, ReleasedKeys, SealedKeyring, WrappedKey } from "./types.ts";
import { createWrappedKey, unwrapKey, type UnwrappedKey } from "./wrap.ts";

const WORKER_KINDS = ["data", "fingerprint", "manifest"] as const;
const INSTALL_KINDS = ["token", "audit"] as const;

/** A new installation's keyring: one term, generation 1, one slot per provider. */
export async function createKeyring(options: {
  readonly installId: Uuid;
  readonly keks: readonly [KekProvider, ...KekProvider[]];
  readonly random: Random;
}): Promise<{ readonly keyring: Keyring; readonly sealed: SealedKeyring }> {
  const { installId, keks, random } = options;
  const root = RootKeyring.create(random);
  const generation = 1;
  const blobKey = random.bytes(32);
  const blob = root.seal(installId, generation, blobKey, random);
  const slots = await Promise.all(
    keks.map(async (kek, index) => {
      const slot = index + 1;
      return { slot, kind: kek.kind, keyId: await kek.keyId(), wrapped: await kek.wrap(blobKey, slotContext(installId, slot)) };
    }),
  );
  blobKey.fill(0);
  return { keyring: keyringOf(installId, root, random), sealed: { generation, blob, slots } };
}

/** Throws "kek.wrong" when the provider's key belongs to no slot, "key.unopenable" when the keyring itself is damaged. */
export async function openKeyring(options: {
  readonly installId: Uuid;
  readonly sealed: SealedKeyring;
  readonly kek: KekProvider;
  readonly random: Random;
}): Promise<Keyring> {
  const { installId, sealed, kek, random } = options;
  const keyId = await kek.keyId();
  const slot = sealed.slots.find((each) => each.kind === kek.kind && each.keyId === keyId);
  if (slot === undefined) throw new CorralError("kek.wrong");
  const blobKey = await kek.unwrap(slot.wrapped, slotContext(installId, slot.slot));
  const root = RootKeyring.open(installId, sealed.generation, blobKey, sealed.blob);
  blobKey.fill(0);
  return keyringOf(installId, root, random);
}

function slotContext(installId: Uuid, slot: number): Readonly<Record<string, string>> {
  return { product: "corral", purpose: "root-keyring", installId, slot: String(slot) };
}

function keyringOf(installId: Uuid, root: RootKeyring, random: Random): Keyring {
  const sealRandom = pooledRandom(random);
  const unwrap = createKeyCache((key) => unwrapKey(root, installId, key));
  const create = (kind: KeyKind, ownerId: Uuid, createdOn: string): WrappedKey =>
    createWrappedKey(root, installId, { kind, ownerId, generation: 1, createdOn }, random);

  const newestOf = (kind: KeyKind, ownerId: Uuid, keys: readonly WrappedKey[]): WrappedKey & UnwrappedKey => {
    const [newest] = keysOf(kind, ownerId, keys);
    if (newest === undefined) throw new CorralError("key.unopenable");
    return { ...newest, ...unwrap(newest) };
  };

  const keyring: Keyring = {
    installId,
    createWorkerKeys: (_accountId, workerId, createdOn) => WORKER_KINDS.map((kind) => create(kind, workerId, createdOn)),
    createInstallKeys: (createdOn) => INSTALL_KINDS.map((kind) => create(kind, installId, createdOn)),

    sealer(accountId, workerId, keys) {
      const data = newestOf("data", workerId, keys);
      const { secret: fingerprintKey } = newestOf("fingerprint", workerId, keys);
      if (data.sealing === undefined) throw new Error("internal: a data key that does not seal");
      const sealerKeys = { dataKeyId: data.keyId, dataKey: data.sealing, fingerprintKey };
      return createSealer({ installId, accountId, workerId }, sealerKeys, sealRandom);
    },

    authenticator: (workerId, keys) => authenticatorOf(installId, workerId, newestOf("manifest", workerId, keys).secret),

    release: (workerId, keys): ReleasedKeys => ({
      manifestKey: newestOf("manifest", workerId, keys).secret.export(),
      dataKeys: keysOf("data", workerId, keys).map((key) => ({ keyId: key.keyId, key: unwrap(key).secret.export() })),
    }),

    installMac(kind, keys) {
      const { secret } = newestOf(kind, installId, keys);
      return (...list) =>
        createHmac("sha256", secret)
          .update(fields(...list))
          .digest();
    },

    resealFor(from, to) {
      const { accountId, workerId, type } = from.identity;
      const opener = createOpener(installId, accountId, workerId, keyring.release(workerId, from.keys));
      const value = opener.open(from.identity, from.sealed);
      return keyring.sealer(to.accountId, to.workerId, to.keys).seal(to.recordId, type, value);
    },
  };
  return keyring;
}

/** Newest first. Rows of another owner are passed over: they would not unwrap under this one's name. */
function keysOf(kind: KeyKind, ownerId: Uuid, keys: readonly WrappedKey[]): readonly WrappedKey[] {
  return keys.filter((key) => key.kind === kind && key.ownerId === ownerId).toSorted((a, b) => b.generation - a.generation);
}
