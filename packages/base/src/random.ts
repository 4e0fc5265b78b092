/** Randomness comes in through this door, so that faults and fixed vectors can be injected. */
export interface Random {
  /** `length` fresh bytes of cryptographic quality. */
  bytes(length: number): Uint8Array;
}

export const systemRandom: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};
