/** Bytes and their text forms; the length-prefixed encoding that every MAC and every AAD is made of. */
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Strict: throws a bare error on malformed UTF-8, and keeps a byte order mark. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte] ?? "";
  return text;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function u32be(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/**
 * TLV(a, b, …) = u32be(length) ‖ bytes of each field (design.md 6). Text is UTF-8.
 * Injective: no two lists of fields have the same encoding.
 */
export function tlv(...fields: readonly (string | Uint8Array)[]): Uint8Array {
  let most = 0;
  for (const field of fields) most += 4 + (typeof field === "string" ? field.length * 3 : field.length);
  const bytes = new Uint8Array(most);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const field of fields) {
    let length = field.length;
    if (typeof field === "string") length = encoder.encodeInto(field, bytes.subarray(at + 4)).written;
    else bytes.set(field, at + 4);
    view.setUint32(at, length);
    at += 4 + length;
  }
  return bytes.slice(0, at);
}
