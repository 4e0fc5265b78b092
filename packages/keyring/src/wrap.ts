/**
 * Keys wrapped by a term of the root keyring: the construction of a record, with
 * aad = TLV("corral/wrap/1", install id, term, kind, owner, key id, generation), numbers as decimal text.
 */
import { createSecretKey, type KeyObject } from "node:crypto";
import { CorralError, newUuid, type Random, type Uuid } from "@corral/base";
import { sealingKey, type SealingKey } from "./derive.ts";
import { fields } from "./fields.ts";
import { openBytes, sealBytes } from "./record.ts";
import type { RootKeyring } from "./root-keyring.ts";
import type { KeyKind, WrappedKey } from "./types.ts";

const KEY_BYTES = 32;

/** A key in use. Key objects, so that neither an inspection nor a heap snapshot shows bytes. */
export interface UnwrappedKey {
  readonly secret: KeyObject;
  /** What records are sealed with; data keys only. */
  readonly sealing: SealingKey | undefined;
}

export interface NewKey {
  readonly kind: KeyKind;
  readonly ownerId: Uuid;
  readonly generation: number;
  readonly createdOn: string;
}

/** A fresh random key under the active term. */
export function createWrappedKey(root: RootKeyring, installId: Uuid, name: NewKey, random: Random): WrappedKey {
  const key = random.bytes(KEY_BYTES);
  const named = { ...name, keyId: newUuid(random), term: root.activeTerm };
  const wrapped = sealBytes(root.sealingKey(named.term), wrapAad(installId, named), key, random);
  key.fill(0);
  return { ...named, wrapped };
}

/** Throws "key.unopenable". */
export function unwrapKey(root: RootKeyring, installId: Uuid, key: WrappedKey): UnwrappedKey {
  const bytes = openBytes(root.sealingKey(key.term), wrapAad(installId, key), key.wrapped);
  if (bytes?.length !== KEY_BYTES) throw new CorralError("key.unopenable");
  const unwrapped = { secret: createSecretKey(bytes), sealing: key.kind === "data" ? sealingKey(bytes) : undefined };
  bytes.fill(0);
  return unwrapped;
}

function wrapAad(installId: Uuid, key: Omit<WrappedKey, "wrapped" | "createdOn">): Uint8Array {
  return fields("corral/wrap/1", installId, String(key.term), key.kind, key.ownerId, key.keyId, String(key.generation));
}
