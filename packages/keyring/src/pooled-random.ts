import type { Random } from "@corral/base";

const POOL_BYTES = 4096;

/**
 * Draws many small pieces from one large one: a call for 12 bytes costs as much as one for 1,000. For salts and
 * nonces, which are public anyway; never for keys, which would lie in the pool before they are used.
 */
export function pooledRandom(random: Random): Random {
  let pool: Uint8Array = new Uint8Array(0);
  let at = 0;
  return {
    bytes(length) {
      if (length > POOL_BYTES) return random.bytes(length);
      if (at + length > pool.length) {
        // A new pool each time: pieces handed out are views of the old one.
        pool = random.bytes(POOL_BYTES);
        at = 0;
      }
      const piece = pool.subarray(at, at + length);
      at += length;
      return piece;
    },
  };
}
