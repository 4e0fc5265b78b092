/**
 * The sealed form of every value and every key (design.md 6).
 *
 *   "CRL1" 4 | salt 32 | commitment 32 | nonce 12 | tag 16 | ciphertext
 *   plaintext = u32be(length) ‖ value ‖ zeros, to a multiple of 64 bytes: the size tells the value's length in steps
 *
 * AES-256-GCM under a key that is used once. What the bytes belong to is in the aad; vectors/ holds worked examples.
 */
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, timingSafeEqual } from "node:crypto";
import { asSealed, type Random, type Sealed } from "@corral/base";
import { oneShot, type SealingKey } from "./derive.ts";

const MAGIC = Buffer.from("CRL1");
const SALT_AT = 4;
const COMMITMENT_AT = 36;
const NONCE_AT = 68;
const TAG_AT = 80;
const CIPHERTEXT_AT = 96;
const BLOCK = 64;
const LENGTH_BYTES = 4;
const CIPHER = "aes-256-gcm";
/** Always given: without it Node accepts a tag cut to 4 bytes. */
const TAG_LENGTH = { authTagLength: 16 } as const;

export function sealBytes(key: SealingKey, aad: Uint8Array, value: Uint8Array, random: Random): Sealed {
  const padded = pad(value);
  const salt = random.bytes(32);
  const nonce = random.bytes(12);
  const { key: once, commitment } = oneShot(key, salt, aad);
  const cipher = createCipheriv(CIPHER, once, nonce, TAG_LENGTH).setAAD(aad);
  const record = new Uint8Array(CIPHERTEXT_AT + padded.length);
  record.set(MAGIC);
  record.set(salt, SALT_AT);
  record.set(commitment, COMMITMENT_AT);
  record.set(nonce, NONCE_AT);
  record.set(cipher.update(padded), CIPHERTEXT_AT);
  cipher.final();
  record.set(cipher.getAuthTag(), TAG_AT);
  padded.fill(0);
  return asSealed(record);
}

/** undefined, whatever is wrong: nobody is to learn which check failed. The caller may wipe the bytes. */
export function openBytes(key: SealingKey, aad: Uint8Array, record: Sealed): Buffer | undefined {
  const size = record.length - CIPHERTEXT_AT;
  if (size < BLOCK || size % BLOCK !== 0) return undefined;
  if (!MAGIC.equals(record.subarray(0, SALT_AT))) return undefined;
  const { key: once, commitment } = oneShot(key, record.subarray(SALT_AT, COMMITMENT_AT), aad);
  if (!timingSafeEqual(commitment, record.subarray(COMMITMENT_AT, NONCE_AT))) return undefined;
  const decipher = createDecipheriv(CIPHER, once, record.subarray(NONCE_AT, TAG_AT), TAG_LENGTH).setAAD(aad);
  decipher.setAuthTag(record.subarray(TAG_AT, CIPHERTEXT_AT));
  const padded = decipher.update(record.subarray(CIPHERTEXT_AT));
  try {
    decipher.final();
  } catch {
    padded.fill(0);
    return undefined;
  }
  return unpad(padded);
}

function pad(value: Uint8Array): Buffer {
  const end = LENGTH_BYTES + value.length;
  const padded = Buffer.allocUnsafe(Math.ceil(end / BLOCK) * BLOCK);
  padded.writeUInt32BE(value.length);
  padded.set(value, LENGTH_BYTES);
  return padded.fill(0, end);
}

function unpad(padded: Buffer): Buffer | undefined {
  const length = padded.readUInt32BE();
  const end = LENGTH_BYTES + length;
  // The shortest padding that fits, and nothing in it.
  if (Math.ceil(end / BLOCK) * BLOCK !== padded.length) return undefined;
  for (let at = end; at < padded.length; at += 1) if (padded[at] !== 0) return undefined;
  return padded.subarray(LENGTH_BYTES, end);
}
