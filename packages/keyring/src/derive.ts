/**
 * From a long-lived key to the one-shot key of a record (design.md 6, RFC 5869 with SHA-512).
 *
 *   PRK           = HKDF-Extract(salt = "corral/data-key/1", key)                     kept as a KeyObject
 *   key ‖ commit  = HKDF-Expand(PRK, TLV("corral/record-key/1", salt, SHA-512(aad)), 64)
 *
 * 64 bytes are exactly one block of SHA-512, so the expansion is one HMAC over info ‖ 0x01. The record's randomness
 * is in `info`, not in the extraction, so that the PRK is computed once per key.
 */
import { Buffer } from "node:buffer";
import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto";
import { fields } from "./fields.ts";

const EXTRACT_SALT = "corral/data-key/1";
/** info ‖ 0x01; salt and hash are filled in place at each use, which no other can interrupt. */
const EXPAND_INPUT = Buffer.concat([fields("corral/record-key/1", new Uint8Array(32), new Uint8Array(64)), Uint8Array.of(1)]);
const HASH_AT = EXPAND_INPUT.length - 1 - 64;
const SALT_AT = HASH_AT - 4 - 32;

/** What seals and opens; only this file and record.ts look inside. */
export type SealingKey = KeyObject & { readonly __sealingKey?: true };

export function sealingKey(key: Uint8Array): SealingKey {
  const prk = createHmac("sha512", EXTRACT_SALT).update(key).digest();
  const object = createSecretKey(prk);
  prk.fill(0);
  return object;
}

/** `key` is for one record; `commitment` says which key it was, so that a record opens under one key only. */
export function oneShot(
  prk: SealingKey,
  salt: Uint8Array,
  aad: Uint8Array,
): { readonly key: KeyObject; readonly commitment: Uint8Array } {
  EXPAND_INPUT.set(salt, SALT_AT);
  EXPAND_INPUT.set(hash("sha512", aad, "buffer"), HASH_AT);
  const block = createHmac("sha512", prk).update(EXPAND_INPUT).digest();
  // A raw Buffer key makes createCipheriv 13 times slower on Node 24 than a KeyObject.
  const key = createSecretKey(block.subarray(0, 32));
  block.fill(0, 0, 32);
  return { key, commitment: block.subarray(32) };
}
