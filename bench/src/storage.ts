/** The storage engine alone: what a secret put commits, against the least that a disk can promise. */
import { randomUUID } from "node:crypto";
import { closeSync, fdatasyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { asSealed, newAccountId, newUuid, systemRandom, timestamp, type Uuid } from "@corral/base";
import { openSqliteStore, type Plan, type StoragePoints, type Store } from "@corral/storage";
import { atLeast, atMost, type Bench, type Row } from "./rows.ts";
import { median, medianRatio, percentile, ROUNDS, takeTurns } from "./rounds.ts";

const CLIENTS = 32;
const ROUND_MS = 500;
const NOW = timestamp(0);
const accountId = newAccountId(systemRandom);

export const storage: Bench = {
  name: "storage",
  async run(): Promise<readonly Row[]> {
    // Beside the source, because a temporary directory may be no disk at all.
    const dist = join(import.meta.dirname, "..", "..", "dist");
    mkdirSync(dist, { recursive: true });
    const folder = mkdtempSync(join(dist, "bench-storage-"));
    const p99s: number[] = [];
    try {
      const results = await takeTurns({
        raw: () => appendAndSync(folder),
        engine: async () => {
          const { perSecond, p99 } = await commitByManyClients(folder);
          p99s.push(p99);
          return perSecond;
        },
      });
      return [
        {
          name: "commits of 32 clients / raw append + fdatasync",
          value: medianRatio(results.engine, results.raw),
          unit: "x",
          goal: atLeast(11),
          rounds: ROUNDS,
          note: "a commit is a new head, version (640 B, as of a small Worker), deployment, sealed record (160 B) and audit row; raw is 4 KiB by one writer",
        },
        await onSlowDisk(folder),
        { name: "commits of 32 clients, p99", value: median(p99s.slice(1)), unit: "ms", goal: atMost(5), rounds: ROUNDS },
        { name: "commits of 32 clients", value: median(results.engine), unit: "1/s", rounds: ROUNDS },
      ];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** With every sync 2 ms slower: all 32 clients at once, against one commit at a time. */
async function onSlowDisk(folder: string): Promise<Row> {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const points = { beforeCommit: () => void Atomics.wait(pause, 0, 0, 2) };
  const results = await takeTurns({
    one: async () => (await commitByManyClients(folder, points, "one by one")).perSecond,
    group: async () => (await commitByManyClients(folder, points)).perSecond,
  });
  return {
    name: "commits of 32 clients / commit per request, each sync 2 ms slower",
    value: medianRatio(results.group, results.one),
    unit: "x",
    goal: atLeast(20),
    rounds: ROUNDS,
  };
}

/** Appends 4 KiB and syncs, one after the other; appends per second. */
function appendAndSync(folder: string): number {
  const path = join(folder, "raw");
  const file = openSync(path, "a");
  const page = Buffer.alloc(4096, 1);
  let writes = 0;
  const start = performance.now();
  while (performance.now() - start < ROUND_MS) {
    writeSync(file, page);
    fdatasyncSync(file);
    writes += 1;
  }
  const seconds = (performance.now() - start) / 1000;
  closeSync(file);
  rmSync(path);
  return writes / seconds;
}

async function commitByManyClients(
  folder: string,
  points: StoragePoints = {},
  how: "together" | "one by one" = "together",
): Promise<{ readonly perSecond: number; readonly p99: number }> {
  const path = join(folder, "corral.db");
  const store = openSqliteStore({ path, points });
  let turn: Promise<void> = Promise.resolve();
  const clients = await Promise.all(Array.from({ length: CLIENTS }, (_, number) => createClient(store, number)));
  const times: number[] = [];
  const start = performance.now();
  await Promise.all(
    clients.map(async (putOne) => {
      while (performance.now() - start < ROUND_MS) {
        const before = performance.now();
        if (how === "together") await putOne();
        else await (turn = turn.then(putOne));
        times.push(performance.now() - before);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  await store.close();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
  return { perSecond: times.length / seconds, p99: percentile(times, 99) };
}

/** A client of its own Worker, so that no commit meets another's epoch. */
async function createClient(store: Store, number: number): Promise<() => Promise<void>> {
  const workerId = newUuid(systemRandom);
  let epoch = 0;
  const commit = async (): Promise<void> => {
    const result = await store.commit(planOf(workerId, `worker-${number}`, epoch));
    if (result !== "committed") throw new Error("internal: a plan met a conflict");
    epoch += 1;
  };
  await commit();
  return commit;
}

const manifest = Buffer.alloc(640, "m");
const mac = new Uint8Array(32);

function planOf(workerId: Uuid, name: string, epoch: number): Plan {
  const [versionId, deploymentId, recordId] = [randomUUID(), randomUUID(), randomUUID()];
  const shares = [{ versionId, percentage: 100 }];
  const author = { source: "api", authorId: "t", authorEmail: "t@localhost", message: null, triggeredBy: "secret" };
  return {
    workerId,
    expectedEpoch: epoch === 0 ? null : epoch,
    worker: {
      workerId,
      accountId,
      createdOn: NOW,
      modifiedOn: NOW,
      settings: { tags: null, logpush: false, observability: null, tailConsumers: null, schedules: [] },
      head: {
        workerId,
        accountId,
        name,
        epoch: epoch + 1,
        newestVersionId: versionId,
        newestNumber: epoch + 1,
        deploymentId,
        shares,
        routed: true,
        previews: false,
      },
      headMac: mac,
    },
    versions: [
      {
        versionId,
        workerId,
        number: epoch + 1,
        createdOn: NOW,
        manifest,
        mac,
        modules: [],
        info: { ...author, alias: null, startupTimeMs: 1, handlers: [], namedHandlers: [], etag: "e", lastDeployedFrom: "api" },
      },
    ],
    records: [
      {
        recordId,
        workerId,
        dataKeyId: recordId,
        type: "secret_text",
        sealed: asSealed(new Uint8Array(160)),
        fingerprint: mac,
        countedBytes: 64,
        createdOn: NOW,
      },
    ],
    deployment: { ...author, deploymentId, workerId, createdOn: NOW, shares },
    audit: [
      {
        at: NOW,
        actor: "t",
        action: "secret.put",
        accountId,
        workerId,
        workerName: name,
        subject: "API_KEY",
        versionId,
        deploymentId,
        requestId: null,
      },
    ],
  };
}
