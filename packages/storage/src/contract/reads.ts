import { asSealed } from "@corral/base";
import { expect, test } from "vitest";
import type { VersionRow } from "../rows.ts";
import type { Store } from "../store.ts";
import {
  auditOf,
  createPlan,
  editPlan,
  newAccount,
  newId,
  newModule,
  newRecord,
  newVersion,
  page,
  putPlan,
  type PutPlan,
  randomBytes,
  removePlan,
  someInfo,
  type WorkerState,
} from "./fixture.ts";
import type { Subject } from "./store-contract.ts";

/** A Worker after `count` puts, with the plans that made it. */
async function makePuts(store: Store, count: number): Promise<{ worker: WorkerState; puts: PutPlan[] }> {
  const created = createPlan();
  await store.commit(created);
  let { worker } = created;
  const puts: PutPlan[] = [];
  for (let at = 0; at < count; at += 1) {
    const put = putPlan(worker);
    await store.commit(put);
    puts.push(put);
    worker = put.worker;
  }
  return { worker, puts };
}

export function readContract(subject: Subject): void {
  test("an empty store has nothing, and says so in every way", async () => {
    const { workers, versions, deployments } = subject.store;
    expect(await workers.find(newAccount(), "hello")).toBeUndefined();
    expect(await workers.findById(newId())).toBeUndefined();
    expect(await workers.list(newAccount(), page(10))).toEqual([]);
    expect(await workers.count(newAccount())).toBe(0);
    expect(await workers.listHeads()).toEqual([]);
    expect(await workers.listChangesAfter(0, 10)).toEqual([]);
    expect(await workers.lastChangeSeq()).toBe(0);
    expect(await versions.find(newId(), newId())).toBeUndefined();
    expect(await versions.list(newId(), page(10))).toEqual([]);
    expect(await versions.count(newId())).toBe(0);
    expect(await versions.listRecords(newId(), [newId()])).toEqual([]);
    expect(await versions.findModule("0".repeat(64))).toBeUndefined();
    expect(await deployments.find(newId(), newId())).toBeUndefined();
    expect(await deployments.list(newId(), page(10))).toEqual([]);
  });

  test("Workers are listed by name, page by page, each account for itself", async () => {
    const { store } = subject;
    const accountId = newAccount();
    const names = ["b", "a-production", "c", "a", "B_1", "d-2"];
    await Promise.all(names.map((name) => store.commit(createPlan({ accountId, name }))));
    await store.commit(createPlan({ name: "aa" }));
    const listed = await store.workers.list(accountId, page(10));
    expect(listed.map((row) => row.head.name)).toEqual(["B_1", "a", "a-production", "b", "c", "d-2"]);
    expect(await store.workers.list(accountId, page(2, 3))).toEqual(listed.slice(3, 5));
    expect(await store.workers.list(accountId, page(5, 6))).toEqual([]);
    expect(await store.workers.count(accountId)).toBe(6);
  });

  test("versions and deployments are listed newest first, page by page", async () => {
    const { store } = subject;
    const { worker, puts } = await makePuts(store, 12);
    const newestFirst = puts.toReversed();
    const versions = newestFirst.map((put) => put.versions[0]);
    const deployments = newestFirst.map((put) => put.deployment);
    expect(await store.versions.list(worker.workerId, page(100))).toEqual(versions);
    expect(await store.versions.list(worker.workerId, page(5, 5))).toEqual(versions.slice(5, 10));
    expect(await store.versions.list(worker.workerId, page(5, 12))).toEqual([]);
    expect(await store.versions.count(worker.workerId)).toBe(12);
    expect(await store.deployments.list(worker.workerId, page(100))).toEqual(deployments);
    expect(await store.deployments.list(worker.workerId, page(5, 10))).toEqual(deployments.slice(10));
  });

  test("nothing is found through another Worker", async () => {
    const { store } = subject;
    const { puts } = await makePuts(store, 1);
    const { worker: other } = await makePuts(store, 1);
    const [put] = puts as [PutPlan];
    expect(await store.versions.find(other.workerId, put.versions[0].versionId)).toBeUndefined();
    expect(await store.versions.findByPrefix(other.workerId, put.versions[0].versionId.slice(0, 8))).toEqual([]);
    expect(await store.versions.listRecords(other.workerId, [put.records[0].recordId])).toEqual([]);
    expect(await store.deployments.find(other.workerId, put.deployment.deploymentId)).toBeUndefined();
  });

  test("a version is found by the first 8 digits of its id, two at most", async () => {
    const { store } = subject;
    const { worker, puts } = await makePuts(store, 3);
    const twin = (tail: string, number: number): VersionRow => ({
      ...newVersion(worker, number),
      versionId: `0badcafe-0000-4000-8000-${tail.repeat(12)}`,
    });
    const twins = [twin("1", 4), twin("2", 5), twin("3", 6)];
    await store.commit({ ...editPlan(worker), versions: twins });

    const [first] = puts as [PutPlan];
    const { versionId } = first.versions[0];
    expect(await store.versions.findByPrefix(worker.workerId, versionId.slice(0, 8))).toEqual(first.versions);
    const found = await store.versions.findByPrefix(worker.workerId, "0badcafe");
    expect(found).toHaveLength(2);
    for (const row of found) expect(twins).toContainEqual(row);
    for (const row of twins) expect(await store.versions.find(worker.workerId, row.versionId)).toEqual(row);
    expect(await store.versions.findByPrefix(worker.workerId, "00000000")).toEqual([]);
    expect(await store.versions.findByPrefix(worker.workerId, "0badcaf")).toEqual([]);
    expect(await store.versions.findByPrefix(worker.workerId, "%")).toEqual([]);
  });

  test("records come in the order asked for, without those that are missing", async () => {
    const { store } = subject;
    const created = createPlan();
    const records = Array.from({ length: 100 }, () => newRecord(created.worker));
    await store.commit({ ...created, records });
    const ids = records.map((record) => record.recordId);
    expect(await store.versions.listRecords(created.workerId, ids)).toEqual(records);
    const [a, b] = [records[70], records[3]];
    expect(await store.versions.listRecords(created.workerId, [ids[70] ?? "", newId(), ids[3] ?? ""])).toEqual([a, b]);
    expect(await store.versions.listRecords(created.workerId, [])).toEqual([]);
  });

  test("changes are listed once per Worker, oldest first, deletions too", async () => {
    const { store } = subject;
    const [a, b, c] = [createPlan(), createPlan(), createPlan()];
    for (const plan of [a, b, c]) await store.commit(plan);
    const last = await store.workers.lastChangeSeq();
    expect((await store.workers.listChangesAfter(0, 10)).map((change) => change.workerId)).toEqual([
      a.workerId,
      b.workerId,
      c.workerId,
    ]);
    expect(await store.workers.listChangesAfter(last, 10)).toEqual([]);

    await store.commit(removePlan(b.worker));
    await store.commit(editPlan(a.worker));
    const changes = await store.workers.listChangesAfter(last, 10);
    expect(changes.map((change) => change.workerId)).toEqual([b.workerId, a.workerId]);
    expect(await store.workers.listChangesAfter(last, 1)).toEqual(changes.slice(0, 1));
    expect(await store.workers.listChangesAfter(changes[0]?.seq ?? 0, 10)).toEqual(changes.slice(1));
    expect(await store.workers.lastChangeSeq()).toBe(changes[1]?.seq);
    expect(await store.workers.findById(a.workerId)).toMatchObject({ changeSeq: changes[1]?.seq });
    expect(new Set((await store.workers.listChangesAfter(0, 10)).map((change) => change.workerId)).size).toBe(3);
  });

  test("the sequence of changes goes on after the last changed Worker is deleted", async () => {
    const created = createPlan();
    await subject.store.commit(created);
    await subject.store.commit(removePlan(created.worker));
    const last = await subject.store.workers.lastChangeSeq();
    const store = await subject.reopen();
    expect(await store.workers.lastChangeSeq()).toBe(last);
    const next = createPlan();
    await store.commit(next);
    expect((await store.workers.findById(next.workerId))?.changeSeq).toBeGreaterThan(last);
  });

  test("heads are listed of every account", async () => {
    const { store } = subject;
    const { worker } = await makePuts(store, 3);
    const other = createPlan();
    await store.commit(other);
    expect(new Set(await store.workers.listHeads())).toEqual(
      new Set([
        { workerId: worker.workerId, epoch: 4 },
        { workerId: other.workerId, epoch: 1 },
      ]),
    );
  });

  test("unusual texts and bytes come back as they were", async () => {
    const { store } = subject;
    const text = `'"; -- \\ %_ \u{1F600} ä \u2028 ${"x".repeat(5000)}`;
    const created = createPlan();
    const settings = {
      tags: [text, ""],
      logpush: true,
      observability: '{"enabled":true}',
      tailConsumers: "[]",
      schedules: [{ cron: "* * * * *", createdOn: text, modifiedOn: "" }],
    };
    const edit = editPlan(created.worker, { settings, headMac: new Uint8Array(0) });
    const info = { ...someInfo, message: text, alias: "", handlers: [], namedHandlers: [{ name: text, handlers: ["x"] }] };
    const version = { ...newVersion(created.worker, 1), manifest: randomBytes(300_000), info };
    const record = { ...newRecord(created.worker), type: "secret_key" as const, sealed: asSealed(randomBytes(70_000)) };
    const audit = { ...auditOf(created.worker, text), subject: text, requestId: null };
    await store.commit(created);
    await store.commit({ ...edit, versions: [version], records: [record], audit: [audit] });
    const { workerId, accountId } = created.worker;
    expect(await store.workers.findById(workerId)).toMatchObject(edit.worker);
    expect(await store.versions.find(workerId, version.versionId)).toEqual(version);
    expect(await store.versions.listRecords(workerId, [record.recordId])).toEqual([record]);
    expect(await store.install.listAudit(accountId, page(1))).toMatchObject([audit]);
  });

  test("a module of 8 MiB comes back whole", async () => {
    const { store } = subject;
    const created = createPlan();
    const module = newModule();
    const big = newModule(randomBytes(8 * 1024 * 1024));
    await store.commit(created);
    await store.commit(putPlan(created.worker, [module, big]));
    const read = await store.versions.findModule(big.sha256);
    expect(read?.length).toBe(big.bytes.length);
    expect(read !== undefined && big.bytes.every((byte, index) => byte === read[index])).toBe(true);
    expect(await store.versions.findModule(module.sha256)).toEqual(module.bytes);
  });

  test("with 10,000 Workers each is found, counted and listed", async () => {
    const { store } = subject;
    const accountId = newAccount();
    const plans = Array.from({ length: 10_000 }, (_, index) =>
      createPlan({ accountId, name: `w-${String(index).padStart(5, "0")}` }),
    );
    const results = await Promise.all(plans.map((plan) => store.commit(plan)));
    expect(results.every((result) => result === "committed")).toBe(true);
    expect(await store.workers.count(accountId)).toBe(10_000);
    expect(await store.workers.listHeads()).toHaveLength(10_000);
    expect(await store.workers.find(accountId, "w-07777")).toMatchObject(plans[7777]?.worker ?? {});
    expect((await store.workers.list(accountId, page(1, 9_999)))[0]?.head.name).toBe("w-09999");
    expect(await store.workers.listChangesAfter(9_990, 100)).toHaveLength(10);
  });
}
