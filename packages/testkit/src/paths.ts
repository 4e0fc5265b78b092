import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

const made: string[] = [];
process.on("exit", () => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

/**
 * A fresh directory below the system's temporary one, with a short path: unix sockets will lie in it. It is removed
 * with this process at the latest.
 */
export function temporaryDirectory(what: string): string {
  const path = mkdtempSync(join(tmpdir(), `corral-${what}-`));
  made.push(path);
  return path;
}
