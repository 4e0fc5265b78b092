import { Buffer } from "node:buffer";
import { constants } from "node:fs";
import { type FileHandle, link, open, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { newUuid, systemRandom } from "@corral/base";

/** What the key file needs of a disk. Failures are those of node:fs, with their `code`. */
export interface KeyFileDisk {
  /** At most `limit` bytes; the type and mode of what was read, not of what lies there a moment later. */
  read(path: string, limit: number): Promise<{ readonly bytes: Uint8Array; readonly mode: number; readonly regular: boolean }>;
  /** Durable when it resolves, mode 0600, never there in part; rejects with EEXIST rather than overwrite. */
  create(path: string, bytes: Uint8Array): Promise<void>;
}

export const nodeKeyFileDisk: KeyFileDisk = {
  async read(path, limit) {
    // Not blocking: a FIFO in the file's place must not hang the start.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (!stat.isFile()) return { bytes: new Uint8Array(0), mode: stat.mode, regular: false };
    const buffer = Buffer.alloc(limit);
    const { bytesRead } = await file.read(buffer, 0, limit, 0);
    return { bytes: buffer.subarray(0, bytesRead), mode: stat.mode, regular: true };
  },

  async create(path, bytes) {
    const folder = dirname(path);
    const draft = join(folder, `.${basename(path)}.${newUuid(systemRandom)}`);
    try {
      await using file = await open(draft, "wx", 0o600);
      await writeDurably(file, bytes);
      // A link appears whole or not at all, and unlike a rename it never replaces.
      await link(draft, path);
    } finally {
      await unlink(draft).catch(() => undefined);
    }
    await using directory = await open(folder, "r");
    await directory.sync();
  },
};

async function writeDurably(file: FileHandle, bytes: Uint8Array): Promise<void> {
  await file.chmod(0o600);
  await file.writeFile(bytes);
  await file.sync();
}
