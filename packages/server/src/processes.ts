/**
 * The children of this run, written down so that the next one can end what a crash left behind.
 *
 * Lifelines end the agent and workerd within milliseconds of their parent; this is the net below. A pid alone proves
 * nothing, as it may have been given to somebody else since: the kernel's start time beside it does. Where there is no
 * /proc nothing is killed.
 */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "@corral/base";

export interface ChildProcessRecord {
  readonly what: "agent" | "runtime";
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot at which it started. */
  readonly startTicks: string;
}

export interface ProcessRecords {
  add(what: ChildProcessRecord["what"], pid: number): Promise<void>;
  /** Kills what an earlier run left; resolves with how many there were. */
  endOrphans(): Promise<number>;
  clear(): Promise<void>;
}

export function openProcessRecords(dataDirectory: string): ProcessRecords {
  const file = join(dataDirectory, "processes.json");
  let records: ChildProcessRecord[] = [];
  let writing = Promise.resolve();

  function write(): Promise<void> {
    writing = writing.then(async () => {
      await writeFile(`${file}.new`, JSON.stringify(records), { mode: 0o600 });
      await rename(`${file}.new`, file);
    });
    return writing;
  }

  return {
    async add(what, pid) {
      const startTicks = await findStartTicks(pid);
      if (startTicks === undefined) return;
      records = [...records.slice(-31), { what, pid, startTicks }];
      await write();
    },
    async endOrphans() {
      let ended = 0;
      for (const record of await readRecords(file)) {
        if ((await findStartTicks(record.pid)) !== record.startTicks) continue;
        process.kill(record.pid, "SIGKILL");
        ended += 1;
      }
      return ended;
    },
    async clear() {
      await writing;
      await rm(file, { force: true });
    },
  };
}

async function findStartTicks(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The command's name stands in parentheses and may hold anything, spaces and parentheses too.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** A damaged file is an empty one: it only ever names what may be killed. */
async function readRecords(file: string): Promise<readonly ChildProcessRecord[]> {
  try {
    const parsed = parseJson(await readFile(file));
    return parsed.ok && Array.isArray(parsed.value) ? parsed.value.filter(isRecord) : [];
  } catch {
    return [];
  }
}

function isRecord(value: unknown): value is ChildProcessRecord {
  const record = value as Partial<ChildProcessRecord> | null;
  return (
    typeof record === "object" &&
    record !== null &&
    Number.isSafeInteger(record.pid) &&
    (record.pid ?? 0) > 1 &&
    typeof record.startTicks === "string"
  );
}

/** As kill -9 from outside would: nothing is flushed, closed or told. What was started ends by its lifeline. */
export function endAtOnce(): void {
  process.kill(process.pid, "SIGKILL");
}
