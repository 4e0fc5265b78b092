import { type Random, toHex } from "@corral/base";

/** 16 hex digits and a place, as Cloudflare's ray ids look. Made here: a client's own id is not trusted into the audit. */
export function newRequestId(random: Random): string {
  return `${toHex(random.bytes(8))}-CRL`;
}
