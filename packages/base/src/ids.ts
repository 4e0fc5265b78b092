import { toHex } from "./bytes.ts";
import type { Random } from "./random.ts";

/** A lower-case uuid with hyphens: Workers, versions, deployments, records, keys, the installation. */
export type Uuid = string & { readonly __uuid?: true };
/** 32 lower-case hex digits: an account. */
export type AccountId = string & { readonly __account?: true };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HEX32 = /^[0-9a-f]{32}$/;

export function isUuid(text: string): text is Uuid {
  return UUID.test(text);
}

export function isAccountId(text: string): text is AccountId {
  return HEX32.test(text);
}

/** RFC 9562 version 4. */
export function newUuid(random: Random): Uuid {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = toHex(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function newAccountId(random: Random): AccountId {
  return toHex(random.bytes(16));
}

/** The 32 hex digits that stand for a Worker's uuid on the wire (`tag`, beta `id`). */
export function uuidToHex(id: Uuid): string {
  return id.replaceAll("-", "");
}

export function hexToUuid(hex: string): Uuid {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
