/**
 * Where the unix sockets lie: 0700, and short, since a socket's path may have 108 bytes at most.
 *
 * `<data>/run` if that is short enough; else a directory under the system's temporary one whose name follows from the
 * data directory, so that the next start finds and cleans what a crash left. The caller holds the data directory's
 * lock, so nobody else uses either.
 */
import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, readdir, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { StartError } from "./start-error.ts";

/** sun_path of Linux; macOS has 104. */
const MAX_SOCKET_PATH = 104;
/** The longest name that is put below it, with its slash. */
const LONGEST_NAME = 32;

export interface RunDirectory {
  readonly path: string;
  remove(): Promise<void>;
}

/** Where it will be; touches nothing. */
export function runDirectoryPath(dataDirectory: string, temporary: string = tmpdir()): string {
  const beside = join(dataDirectory, "run");
  if (Buffer.byteLength(beside) + LONGEST_NAME <= MAX_SOCKET_PATH) return beside;
  return join(temporary, `corral-${userInfo().uid}-${shortDigest(dataDirectory)}`);
}

/** Made if it is not there, and emptied. Throws StartError when somebody else's is in its place. */
export async function openRunDirectory(dataDirectory: string, temporary: string = tmpdir()): Promise<RunDirectory> {
  const path = runDirectoryPath(dataDirectory, temporary);
  await makePrivate(path);
  await empty(path);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** A directory of somebody else under /tmp would be theirs to swap: it is refused, not repaired. */
async function makePrivate(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  const found = await lstat(path);
  if (!found.isDirectory() || found.uid !== userInfo().uid) {
    throw new StartError("The directory for sockets belongs to somebody else.", [path]);
  }
  await chmod(path, 0o700);
}

async function empty(path: string): Promise<void> {
  for (const name of await readdir(path)) await rm(join(path, name), { recursive: true, force: true });
}
