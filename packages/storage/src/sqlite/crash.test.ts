import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newAccount } from "../contract/fixture.ts";
import { openSqliteStore } from "./open.ts";

const WRITER = fileURLToPath(import.meta.resolve("./crash-writer.ts"));
const ROUNDS = 10;
const everything = { limit: 1_000_000, offset: 0 };

interface Put {
  readonly what: "intent" | "answer";
  readonly workerId: string;
  readonly versionId: string;
  readonly recordId: string;
}

let directory: string;
let path: string;
const accountId = newAccount();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "corral-crash-"));
  path = join(directory, "corral.db");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Every line that the child wrote before it died. `onAnswer` sees the count of answers so far. */
async function collect(child: ChildProcess, onAnswer: (count: number) => void): Promise<Put[]> {
  const puts: Put[] = [];
  let answers = 0;
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const closed = once(child, "close");
  for await (const line of lines) {
    const put = JSON.parse(line) as Put;
    puts.push(put);
    if (put.what === "answer") onAnswer((answers += 1));
  }
  await closed;
  return puts;
}

function startWriter(...extra: string[]): ChildProcess {
  return spawn(process.execPath, [WRITER, path, accountId, ...extra], { stdio: ["ignore", "pipe", "inherit"] });
}

/** What was answered is there; what is there is whole: each version has its record and its audit row, and no more exist. */
async function checkWhole(answered: readonly Put[], intended: readonly Put[]): Promise<Set<string>> {
  const store = openSqliteStore({ path });
  try {
    const stored = new Set<string>();
    for (const worker of await store.workers.list(accountId, everything)) {
      for (const version of await store.versions.list(worker.workerId, everything)) stored.add(version.versionId);
      expect(await store.versions.count(worker.workerId)).toBe(worker.head.newestNumber);
    }
    expect(answered.filter((put) => !stored.has(put.versionId))).toEqual([]);
    const present = intended.filter((put) => stored.has(put.versionId));
    expect(present).toHaveLength(stored.size);
    for (const put of present) expect(await store.versions.listRecords(put.workerId, [put.recordId])).toHaveLength(1);
    for (const put of intended.filter((each) => !stored.has(each.versionId))) {
      expect(await store.versions.listRecords(put.workerId, [put.recordId])).toEqual([]);
    }
    const audit = await store.install.listAudit(accountId, everything);
    const audited = audit.filter((row) => row.action === "secret.put").map((row) => row.versionId);
    expect(new Set(audited)).toEqual(stored);
    expect(audited).toHaveLength(stored.size);
    return stored;
  } finally {
    await store.close();
  }
}

const answersOf = (puts: readonly Put[]) => puts.filter((put) => put.what === "answer");
const intentsOf = (puts: readonly Put[]) => puts.filter((put) => put.what === "intent");

test(`after kill -9 in the middle of writing, ${ROUNDS} times, every answered put is there and none is half there`, async () => {
  const all: Put[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = startWriter();
    const lastAnswer = 20 + Math.floor(Math.random() * 200);
    all.push(
      ...(await collect(child, (count) => {
        if (count === lastAnswer) child.kill("SIGKILL");
      })),
    );
    expect(child.signalCode).toBe("SIGKILL");
    await checkWhole(answersOf(all), intentsOf(all));
  }
  expect(answersOf(all).length).toBeGreaterThan(20 * ROUNDS);
});

describe("killed at a named point", () => {
  test("before the commit: the group that was not answered is absent", async () => {
    const puts = await collect(startWriter("before-commit", "12"), () => undefined);
    const stored = await checkWhole(answersOf(puts), intentsOf(puts));
    expect(stored).toEqual(new Set(answersOf(puts).map((put) => put.versionId)));
    expect(intentsOf(puts).length).toBeGreaterThan(stored.size);
  });

  test("after the commit, before the answers: the group is there", async () => {
    const puts = await collect(startWriter("after-commit", "12"), () => undefined);
    const stored = await checkWhole(answersOf(puts), intentsOf(puts));
    expect(stored).toEqual(new Set(intentsOf(puts).map((put) => put.versionId)));
    expect(answersOf(puts).length).toBeLessThan(stored.size);
  });
});

const canTrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;

test.skipIf(!canTrace)("an fsync of the WAL lies between a put's bytes and its answer (needs strace)", async () => {
  const trace = join(directory, "trace");
  const calls = "trace=pwrite64,write,fsync,fdatasync,kill";
  const child = spawn("strace", ["-f", "-y", "-s", "24", "-e", calls, "-o", trace, process.execPath, WRITER, path, accountId], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const group = child.pid as number;
  const puts = await collect(child, (count) => {
    if (count === 100) process.kill(-group, "SIGKILL");
  });
  expect(answersOf(puts).length).toBeGreaterThanOrEqual(100);

  let unsynced = false;
  let answers = 0;
  const early: string[] = [];
  for (const line of readFileSync(trace, "utf8").split("\n")) {
    if (/ pwrite64\(\d+<[^>]*corral\.db-wal>/.test(line)) unsynced = true;
    else if (/ f(?:data)?sync\(\d+<[^>]*corral\.db-wal>/.test(line)) unsynced = false;
    else if (/ write\(1<[^>]*>, "\{\\"what\\":\\"answer/.test(line)) {
      answers += 1;
      if (unsynced) early.push(line);
    }
  }
  expect(answers).toBeGreaterThanOrEqual(100);
  expect(early).toEqual([]);
});
