import { Buffer } from "node:buffer";
import type { UnwrappedKey } from "./wrap.ts";
import type { WrappedKey } from "./types.ts";

/** Keys of some 5,000 Workers, a few hundred bytes each. */
const MAX_KEYS = 16_384;

/**
 * Remembers unwrapped keys: a secret put needs three, and unwrapping each anew would cost more than the sealing.
 * An entry answers only for the very row that it was made from; a changed row is unwrapped, and so checked, again.
 */
export function createKeyCache(unwrap: (key: WrappedKey) => UnwrappedKey): (key: WrappedKey) => UnwrappedKey {
  const entries = new Map<string, { readonly row: WrappedKey; readonly unwrapped: UnwrappedKey }>();
  return (key) => {
    const entry = entries.get(key.keyId);
    if (entry !== undefined && sameRow(entry.row, key)) {
      // Re-inserted, so that the first entry is the one not used for longest.
      entries.delete(key.keyId);
      entries.set(key.keyId, entry);
      return entry.unwrapped;
    }
    const unwrapped = unwrap(key);
    entries.delete(key.keyId);
    entries.set(key.keyId, { row: key, unwrapped });
    if (entries.size > MAX_KEYS) entries.delete(entries.keys().next().value ?? "");
    return unwrapped;
  };
}

function sameRow(a: WrappedKey, b: WrappedKey): boolean {
  return (
    a.kind === b.kind &&
    a.ownerId === b.ownerId &&
    a.generation === b.generation &&
    a.term === b.term &&
    Buffer.compare(a.wrapped, b.wrapped) === 0
  );
}
