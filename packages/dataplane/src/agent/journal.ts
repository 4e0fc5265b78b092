/**
 * What this node has to remember over a restart: of each Worker the last head that went live, and the one after it if
 * that failed. So a version that does not start does not take the last good one's place by a restart, and an epoch that
 * went back (a restored database) does not go unnoticed.
 *
 *   heads.ndjson   one JournalEntry a line, the last line of a Worker counts; no value and no key is in it
 *
 * Heads carry their MAC: a changed file serves nothing that the control plane did not make. Lines are not synced to
 * disk one by one; losing the last ones costs a deployment its rehearsal, not its truth.
 */
import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Head, type JsonObject, parseJson, type Uuid } from "@corral/base";

export interface JournalEntry {
  readonly workerId: Uuid;
  readonly live: { readonly head: Head; readonly headMac: string } | null;
  readonly failed: { readonly epoch: number; readonly reason: string; readonly versionId: Uuid | null } | null;
}

export interface Journal {
  find(workerId: Uuid): JournalEntry | undefined;
  /** The highest epoch that went live or failed; -1 if none did. */
  seen(workerId: Uuid): number;
  put(entry: JournalEntry): void;
  remove(workerId: Uuid): void;
  /** Resolves when all is written. */
  close(): Promise<void>;
}

/** In memory only without a directory. A damaged line is as none. */
export async function openJournal(directory: string | undefined): Promise<Journal> {
  const file = directory === undefined ? undefined : join(directory, "heads.ndjson");
  const entries = file === undefined ? new Map<Uuid, JournalEntry>() : await readEntries(file);
  let writing = Promise.resolve();

  if (file !== undefined && directory !== undefined) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const lines = [...entries.values()].map((entry) => `${JSON.stringify(entry)}\n`);
    await writeFile(`${file}.new`, lines.join(""), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  function append(line: object): void {
    if (file === undefined) return;
    // A full disk must not stop a deployment.
    writing = writing.then(() => appendFile(file, `${JSON.stringify(line)}\n`, { mode: 0o600 })).catch(() => {});
  }

  return {
    find: (workerId) => entries.get(workerId),
    seen(workerId) {
      const entry = entries.get(workerId);
      return Math.max(entry?.live?.head.epoch ?? -1, entry?.failed?.epoch ?? -1);
    },
    put(entry) {
      entries.set(entry.workerId, entry);
      append(entry);
    },
    remove(workerId) {
      if (entries.delete(workerId)) append({ workerId });
    },
    close: () => writing,
  };
}

async function readEntries(file: string): Promise<Map<Uuid, JournalEntry>> {
  const entries = new Map<Uuid, JournalEntry>();
  const text = await readFile(file, "utf8").catch(() => "");
  for (const line of text.split("\n")) {
    const parsed = line === "" ? undefined : parseJson(line);
    if (parsed?.ok !== true || typeof parsed.value !== "object" || parsed.value === null) continue;
    const { workerId, live, failed } = parsed.value as JsonObject;
    if (typeof workerId !== "string") continue;
    if (live === undefined || failed === undefined) entries.delete(workerId);
    else entries.set(workerId, parsed.value as unknown as JournalEntry);
  }
  return entries;
}
