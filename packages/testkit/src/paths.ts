import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** A fresh directory below the system's temporary one, with a short path: unix sockets will lie in it. */
export function temporaryDirectory(what: string): string {
  return mkdtempSync(join(tmpdir(), `corral-${what}-`));
}
