import { timingSafeEqual } from "node:crypto";

/** Constant time for equal lengths; lengths are no secret here. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
