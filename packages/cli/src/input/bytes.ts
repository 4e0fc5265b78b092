/** Bytes from standard input, a file or a descriptor, with a bound: a value is small, and `cat /dev/zero` is not. */
import { openSync, readSync, closeSync, fstatSync } from "node:fs";
import { resolve } from "node:path";
import type { Io } from "../io/io.ts";
import { Failure, usage } from "../output/errors.ts";

/** What a server can store is far below (65,536 bytes per value, 1 MiB per Worker). */
const MAX_BYTES = 4 * 1024 * 1024;

export async function readStdin(io: Io): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of io.readStdin()) {
    length += chunk.length;
    if (length > MAX_BYTES) throw tooMuch("standard input");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function readFile(io: Io, path: string, shown: string): Uint8Array {
  let fd: number;
  try {
    fd = openSync(resolve(io.cwd, path), "r");
  } catch {
    throw usage(`${shown} cannot be read.`, "Is it there, and may this user read it?");
  }
  try {
    return readDescriptor(fd, shown);
  } finally {
    closeSync(fd);
  }
}

/** An inherited descriptor (`--fd 3 3< file`); it is read to its end and left open. */
export function readDescriptor(fd: number, shown: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    if (fstatSync(fd).isDirectory()) throw new Error("internal: a directory");
    for (;;) {
      const chunk = new Uint8Array(65_536);
      const read = readSync(fd, chunk);
      if (read === 0) return Buffer.concat(chunks);
      length += read;
      if (length > MAX_BYTES) break;
      chunks.push(chunk.subarray(0, read));
    }
  } catch {
    throw usage(`${shown} cannot be read.`);
  }
  throw tooMuch(shown);
}

function tooMuch(shown: string): Failure {
  return new Failure(`${shown} holds more than 4 MiB; a secret value has at most 65,536 bytes.`);
}
