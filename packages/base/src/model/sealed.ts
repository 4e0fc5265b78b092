/** Bytes of a CRL1 record or of a wrapped key: the only form in which a value reaches storage. */
declare const sealed: unique symbol;
export type Sealed = Uint8Array & { readonly [sealed]: true };

/** For bytes that come back from storage or the feed; opening them is what proves them. */
export function asSealed(bytes: Uint8Array): Sealed {
  return bytes as Sealed;
}
