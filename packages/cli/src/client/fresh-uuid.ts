import { newUuid } from "@corral/base";
import { closeSync, openSync, readSync } from "node:fs";

/** A random UUID straight from the kernel: node's crypto, loaded for 16 bytes, costs 2 to 8 ms of every put. */
export function freshUuid(): string {
  return newUuid({ bytes: kernelBytes });
}

function kernelBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let fd: number;
  try {
    fd = openSync("/dev/urandom", "r");
  } catch {
    return crypto.getRandomValues(bytes);
  }
  const read = readSync(fd, bytes);
  closeSync(fd);
  return read === length ? bytes : crypto.getRandomValues(bytes);
}
