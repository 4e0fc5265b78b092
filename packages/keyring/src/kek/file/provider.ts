import { CorralError, type Random } from "@corral/base";
import type { KekProvider } from "../../types.ts";
import { localKek } from "../local-wrap.ts";
import { type KeyFileDisk, nodeKeyFileDisk } from "./disk.ts";
import { formatKey, parseKey } from "./format.ts";

const GROUP_AND_OTHERS = 0o077;
/** A key file is 87 bytes; one byte more than any valid file is enough to see that it is too long. */
const READ_LIMIT = 128;

export interface KeyFileOptions {
  readonly random: Random;
  readonly disk?: KeyFileDisk;
}

/**
 * Makes a new key. Only for the first start: a data directory whose key is lost is not mended by another key.
 * Durable when it resolves; "exists" if something lies there already, which is left as it is.
 * Throws "kek.unusable" when it cannot be written.
 */
export async function createKeyFile(path: string, options: KeyFileOptions): Promise<"created" | "exists"> {
  const key = options.random.bytes(32);
  try {
    await (options.disk ?? nodeKeyFileDisk).create(path, new TextEncoder().encode(formatKey(key)));
    return "created";
  } catch (error) {
    if (codeOf(error) === "EEXIST") return "exists";
    throw new CorralError("kek.unusable", { cause: error });
  } finally {
    key.fill(0);
  }
}

/** Throws "kek.missing", "kek.exposed", "kek.malformed" or "kek.unusable"; changes nothing. */
export async function openFileKek(path: string, options: KeyFileOptions): Promise<KekProvider> {
  const file = await readKeyFile(path, options.disk ?? nodeKeyFileDisk);
  if (!file.regular) throw new CorralError("kek.malformed");
  if ((file.mode & GROUP_AND_OTHERS) !== 0) throw new CorralError("kek.exposed");
  const key = parseKey(file.bytes);
  file.bytes.fill(0);
  if (key === undefined) throw new CorralError("kek.malformed");
  const kek = localKek("file", key, options.random);
  key.fill(0);
  return kek;
}

async function readKeyFile(path: string, disk: KeyFileDisk): ReturnType<KeyFileDisk["read"]> {
  try {
    return await disk.read(path, READ_LIMIT);
  } catch (error) {
    const absent = ["ENOENT", "ENOTDIR"].includes(codeOf(error));
    throw new CorralError(absent ? "kek.missing" : "kek.unusable", { cause: error });
  }
}

function codeOf(error: unknown): string {
  return String((error as { readonly code?: unknown } | null)?.code);
}
