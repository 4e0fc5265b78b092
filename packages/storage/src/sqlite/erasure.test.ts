import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { asSealed } from "@corral/base";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createPlan, editPlan, newId, newKey, newRecord, putPlan, randomBytes, removePlan } from "../contract/fixture.ts";
import type { Store } from "../store.ts";
import { openSqliteStore } from "./open.ts";

let directory: string;
let path: string;
let store: Store;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "corral-erasure-"));
  path = join(directory, "corral.db");
  store = openSqliteStore({ path });
});

afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

/** Whether any window of 16 bytes of `needle` lies in any file of the directory. */
function isOnDisk(needle: Uint8Array): boolean {
  return readdirSync(directory).some((name) => {
    const file = readFileSync(join(directory, name));
    for (let at = 0; at + 16 <= needle.length; at += 16)
      if (file.includes(Buffer.from(needle.subarray(at, at + 16)))) return true;
    return false;
  });
}

/** Fills pages around the rows of interest, so that they lie among others. */
async function makeNoise(): Promise<void> {
  let { worker } = createPlan();
  await store.commit({ ...createPlan(), workerId: worker.workerId, worker });
  for (let count = 0; count < 50; count += 1) {
    const put = putPlan(worker);
    await store.commit(put);
    worker = put.worker;
  }
}

test.each([300, 20_000])("a destroyed record of %i bytes leaves no trace in database or WAL", async (length) => {
  const created = createPlan();
  const record = newRecord(created.worker, randomBytes(length));
  await store.commit(created);
  const edit = editPlan(created.worker);
  await store.commit({ ...edit, records: [record] });
  await makeNoise();
  expect(isOnDisk(record.sealed)).toBe(true);
  expect(isOnDisk(record.fingerprint)).toBe(true);
  await store.commit({ ...editPlan(edit.worker), destroy: { versionIds: [], recordIds: [record.recordId] } });
  expect(isOnDisk(record.sealed)).toBe(false);
  expect(isOnDisk(record.fingerprint)).toBe(false);
});

test("a deleted Worker leaves no trace of its keys, records and manifests", async () => {
  const created = createPlan();
  const put = putPlan(created.worker);
  await store.commit(created);
  await store.commit(put);
  await makeNoise();
  const traces = [put.records[0].sealed, put.versions[0].mac, ...(created.keys ?? []).map((key) => key.wrapped)];
  expect(traces.map(isOnDisk)).toEqual(traces.map(() => true));
  await store.commit(removePlan(put.worker));
  expect(traces.map(isOnDisk)).toEqual(traces.map(() => false));
});

test("what a rotation replaces leaves no trace: keyring, slots, wrapped keys", async () => {
  const sealed = () => asSealed(randomBytes(96));
  const slot = { slot: 0, kind: "file", keyId: "kek-1", wrapped: sealed() };
  const keyring = { generation: 1, blob: sealed(), slots: [slot] };
  const key = newKey(newId(), "data");
  await store.commitInstall({ keyring, keys: [key], audit: [] });
  await makeNoise();
  const old = [keyring.blob, slot.wrapped, key.wrapped];
  expect(old.map(isOnDisk)).toEqual([true, true, true]);
  await store.close();
  store = openSqliteStore({ path });
  const next = { generation: 2, blob: sealed(), slots: [{ ...slot, keyId: "kek-2", wrapped: sealed() }] };
  await store.commitInstall({ keyring: next, keys: [{ ...key, term: 2, wrapped: sealed() }], audit: [] });
  expect(old.map(isOnDisk)).toEqual([false, false, false]);
});

describe("when it cannot be at once", () => {
  let now = 0;

  beforeEach(async () => {
    await store.close();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    store = openSqliteStore({ path, clock: { now: () => now, monotonic: () => now } });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  function pass(milliseconds: number): void {
    now += milliseconds;
    vi.advanceTimersByTime(milliseconds);
  }

  test("the second destroy within a second waits until the second has passed", async () => {
    const created = createPlan();
    const [first, second] = [newRecord(created.worker), newRecord(created.worker)];
    await store.commit({ ...created, records: [first, second] });
    const edit = editPlan(created.worker);
    await store.commit({ ...edit, destroy: { versionIds: [], recordIds: [first.recordId] } });
    expect(isOnDisk(first.sealed)).toBe(false);
    pass(400);
    await store.commit({ ...editPlan(edit.worker), destroy: { versionIds: [], recordIds: [second.recordId] } });
    expect(isOnDisk(second.sealed)).toBe(true);
    pass(599);
    expect(isOnDisk(second.sealed)).toBe(true);
    pass(1);
    expect(isOnDisk(second.sealed)).toBe(false);
  });

  test("a reader that is in the way delays the erasure, not the answer", async () => {
    const created = createPlan();
    const record = newRecord(created.worker);
    await store.commit({ ...created, records: [record] });
    const reader = new DatabaseSync(path);
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM workers").get();
    const edit = editPlan(created.worker);
    expect(await store.commit({ ...edit, destroy: { versionIds: [], recordIds: [record.recordId] } })).toBe("committed");
    expect(await store.versions.listRecords(created.workerId, [record.recordId])).toEqual([]);
    pass(1000);
    expect(isOnDisk(record.sealed)).toBe(true);
    reader.exec("COMMIT");
    reader.close();
    pass(1000);
    expect(isOnDisk(record.sealed)).toBe(false);
  });

  test("a close erases what is still owed", async () => {
    const created = createPlan();
    const records = [newRecord(created.worker), newRecord(created.worker)];
    await store.commit({ ...created, records });
    let state = created.worker;
    for (const { recordId } of records) {
      const edit = editPlan(state);
      await store.commit({ ...edit, destroy: { versionIds: [], recordIds: [recordId] } });
      state = edit.worker;
    }
    // Keeps the WAL, which the last connection to close would remove.
    const other = new DatabaseSync(path);
    other.prepare("SELECT count(*) FROM workers").get();
    await store.close();
    expect(records.map((record) => isOnDisk(record.sealed))).toEqual([false, false]);
    other.close();
  });
});

test("what lay in the WAL when a process died is erased by the next start", async () => {
  const created = createPlan();
  const record = newRecord(created.worker);
  await store.commit({ ...created, records: [record] });
  const other = new DatabaseSync(path);
  other.exec("PRAGMA secure_delete = ON; DELETE FROM records");
  expect(isOnDisk(record.sealed)).toBe(true);
  await store.close();
  store = openSqliteStore({ path });
  expect(isOnDisk(record.sealed)).toBe(false);
  other.close();
});

test("the files are for their owner only", async () => {
  await store.commit(createPlan());
  const modes = readdirSync(directory).map((name) => [name, statSync(join(directory, name)).mode & 0o777]);
  expect(modes).toEqual([
    ["corral.db", 0o600],
    ["corral.db-shm", 0o600],
    ["corral.db-wal", 0o600],
  ]);
});
