/**
 * Whether git tracks a file, read from the index itself: starting git to ask costs more than the upload, and runs
 * whatever program of that name comes first. Format: git's Documentation/gitformat-index, versions 2 to 4.
 */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

/** False also when it cannot be told. */
export function isTracked(path: string): boolean {
  try {
    const file = realpathSync(path);
    for (let folder = dirname(file); ; folder = dirname(folder)) {
      const git = join(folder, ".git");
      if (existsSync(git)) return indexHas(gitDirectory(git), relative(folder, file).split(sep).join("/"));
      if (dirname(folder) === folder) return false;
    }
  } catch {
    return false;
  }
}

/** `.git` is a folder, or in a worktree a file that names one. */
function gitDirectory(git: string): string {
  if (statSync(git).isDirectory()) return git;
  const named = /^gitdir: (.+)$/m.exec(readFileSync(git, "utf8"))?.[1] ?? "";
  return resolve(dirname(git), named);
}

function indexHas(directory: string, wanted: string): boolean {
  const index = readFileSync(join(directory, "index"));
  if (index.toString("latin1", 0, 4) !== "DIRC") return false;
  const version = index.readUInt32BE(4);
  const count = index.readUInt32BE(8);
  const hash = /objectformat\s*=\s*sha256/i.test(readConfig(directory)) ? 32 : 20;
  let at = 12;
  let path = "";
  for (let entry = 0; entry < count; entry += 1) {
    const start = at;
    at += 40 + hash;
    const extended = version >= 3 && (index.readUInt16BE(at) & 0x4000) !== 0;
    at += extended ? 4 : 2;
    let kept = 0;
    if (version === 4) {
      const strip = readVarint(index, at);
      at = strip.next;
      kept = path.length - strip.value;
    }
    const end = index.indexOf(0, at);
    // As bytes, one character each: a prefix is counted in bytes.
    path = path.slice(0, kept) + index.toString("latin1", at, end);
    if (Buffer.from(path, "latin1").toString() === wanted) return true;
    at = version === 4 ? end + 1 : start + ((end - start + 8) & ~7);
  }
  return false;
}

function readConfig(directory: string): string {
  const own = join(directory, "config");
  return existsSync(own) ? readFileSync(own, "utf8") : "";
}

/** Git's offset encoding: seven bits a byte, each further byte adds one before it is shifted in. */
function readVarint(bytes: Buffer, start: number): { readonly value: number; readonly next: number } {
  let at = start;
  let byte = bytes[at] ?? 0;
  let value = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    at += 1;
    byte = bytes[at] ?? 0;
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return { value, next: at + 1 };
}
