import { newUuid, systemRandom } from "@corral/base";
import { expect, test } from "vitest";
import type { IdempotencyRow } from "../rows.ts";
import type { Plan } from "../store.ts";
import { createPlan, editPlan, newAccount, newModule, newVersion, nextTime, page, putPlan, randomBytes } from "./fixture.ts";
import type { Subject } from "./store-contract.ts";

export function commitContract(subject: Subject): void {
  test("a plan is read back in every field, at once and after a reopen", async () => {
    const created = createPlan();
    const module = newModule();
    const put = putPlan(created.worker, [module]);
    expect(await subject.store.commit(created)).toBe("committed");
    expect(await subject.store.commit(put)).toBe("committed");

    for (const open of [() => subject.store, () => subject.reopen()]) {
      const store = await open();
      const { workerId, accountId, head } = put.worker;
      const [version] = put.versions;
      const [record] = put.records;
      expect(await store.workers.find(accountId, head.name)).toEqual({ ...put.worker, changeSeq: 2 });
      expect(await store.workers.findById(workerId)).toEqual({ ...put.worker, changeSeq: 2 });
      expect(await store.versions.find(workerId, version.versionId)).toEqual(version);
      expect(await store.versions.listRecords(workerId, [record.recordId])).toEqual([record]);
      expect(await store.versions.findModule(module.sha256)).toEqual(module.bytes);
      expect(await store.deployments.find(workerId, put.deployment.deploymentId)).toEqual(put.deployment);
      expect(new Set(await store.install.listKeys(workerId))).toEqual(new Set(created.keys));
      expect(await store.install.listAudit(accountId, page(10))).toEqual([
        { ...put.audit[0], seq: 2 },
        { ...created.audit[0], seq: 1 },
      ]);
    }
  });

  test("a plan made from an epoch that has passed is a conflict and leaves nothing", async () => {
    const { store } = subject;
    const created = createPlan();
    const first = putPlan(created.worker);
    const late = putPlan(created.worker);
    await store.commit(created);
    expect(await store.commit(first)).toBe("committed");
    expect(await store.commit(late)).toBe("conflict");

    const { workerId, accountId } = created.worker;
    expect(await store.workers.findById(workerId)).toMatchObject(first.worker);
    expect(await store.versions.find(workerId, late.versions[0].versionId)).toBeUndefined();
    expect(await store.versions.listRecords(workerId, [late.records[0].recordId])).toEqual([]);
    expect(await store.deployments.list(workerId, page(10))).toEqual([first.deployment]);
    expect(await store.install.listAudit(accountId, page(10))).toHaveLength(2);
  });

  test("a plan made upon one that was not applied is a conflict, although the epoch is the expected one", async () => {
    const { store } = subject;
    const created = createPlan();
    await store.commit(created);
    const other = putPlan(created.worker);
    const lost = putPlan(created.worker);
    const upon = { ...putPlan(lost.worker), expectedHeadMac: lost.worker.headMac };
    const removal = { workerId: upon.workerId, expectedEpoch: upon.expectedEpoch, worker: null, audit: upon.audit };
    const results = await Promise.all([
      store.commit(other),
      store.commit(lost),
      store.commit(upon),
      store.commit({ ...removal, expectedHeadMac: lost.worker.headMac }),
    ]);
    expect(results).toEqual(["committed", "conflict", "conflict", "conflict"]);
    expect(await store.commit({ ...putPlan(other.worker), expectedHeadMac: other.worker.headMac })).toBe("committed");
  });

  test("a plan for a Worker that does not exist is a conflict", async () => {
    const { store } = subject;
    expect(await store.commit(editPlan(createPlan().worker))).toBe("conflict");
    expect(await store.workers.listHeads()).toEqual([]);
  });

  test("a new Worker conflicts with another of the same account and name, or of the same id", async () => {
    const { store } = subject;
    const created = createPlan();
    const { accountId, workerId } = created.worker;
    expect(await store.commit(created)).toBe("committed");
    expect(await store.commit(createPlan({ accountId }))).toBe("conflict");
    expect(await store.commit(createPlan({ accountId, workerId, name: "other" }))).toBe("conflict");
    expect(await store.commit(createPlan({ accountId, name: "other" }))).toBe("committed");
    expect(await store.commit(createPlan())).toBe("committed");
    expect(await store.workers.count(accountId)).toBe(2);
  });

  test("two new Workers of one name in the same moment: one is made", async () => {
    const accountId = newAccount();
    const results = await Promise.all([1, 2, 3].map(() => subject.store.commit(createPlan({ accountId }))));
    expect(results.toSorted()).toEqual(["committed", "conflict", "conflict"]);
    expect(await subject.store.workers.count(accountId)).toBe(1);
  });

  test("a rename to a name that is taken is a conflict; to a free one it frees the old", async () => {
    const { store } = subject;
    const first = createPlan({ name: "first" });
    const { accountId } = first.worker;
    const second = createPlan({ accountId, name: "second" });
    await Promise.all([store.commit(first), store.commit(second)]);
    expect(await store.commit(editPlan(second.worker, { name: "first" }))).toBe("conflict");
    expect(await store.workers.find(accountId, "second")).toMatchObject(second.worker);

    const renamed = editPlan(second.worker, { name: "third" });
    expect(await store.commit(renamed)).toBe("committed");
    expect(await store.workers.find(accountId, "second")).toBeUndefined();
    expect(await store.workers.find(accountId, "third")).toMatchObject(renamed.worker);
  });

  test("an epoch that does not grow is refused", async () => {
    const { store } = subject;
    const created = createPlan();
    await store.commit(created);
    const edit = editPlan(created.worker);
    const stuck: Plan = { ...edit, worker: { ...edit.worker, head: { ...edit.worker.head, epoch: 1 } } };
    await expect(store.commit(stuck)).rejects.toMatchObject({ code: "storage.failed" });
    expect(await store.workers.findById(created.workerId)).toMatchObject(created.worker);
  });

  test("a plan that fails leaves nothing and does not hurt its neighbours", async () => {
    const { store } = subject;
    const [broken, before, after] = [createPlan(), createPlan(), createPlan()];
    const put = putPlan(broken.worker);
    await store.commit(broken);
    // Names module bytes that nobody stored.
    const failing = { ...put, versions: [newVersion(broken.worker, 1, ["0".repeat(64)])] };
    const results = await Promise.allSettled([store.commit(before), store.commit(failing), store.commit(after)]);
    expect(results[0]).toEqual({ status: "fulfilled", value: "committed" });
    expect(results[1]).toMatchObject({ status: "rejected", reason: { code: "storage.failed" } });
    expect(results[2]).toEqual({ status: "fulfilled", value: "committed" });

    expect(await store.workers.findById(broken.workerId)).toMatchObject(broken.worker);
    expect(await store.versions.count(broken.workerId)).toBe(0);
    expect(await store.versions.listRecords(broken.workerId, [put.records[0].recordId])).toEqual([]);
    expect(await store.install.listAudit(broken.worker.accountId, page(10))).toHaveLength(1);
    expect(await store.workers.findById(before.workerId)).toMatchObject(before.worker);
    expect(await store.workers.findById(after.workerId)).toMatchObject(after.worker);
  });

  test("of 32 plans at once, four from each epoch of eight Workers, one of each four is committed", async () => {
    const { store } = subject;
    const accountId = newAccount();
    const workers = "a b c d e f g h".split(" ").map((name) => createPlan({ accountId, name }));
    await Promise.all(workers.map((plan) => store.commit(plan)));
    const puts = [0, 1, 2, 3].flatMap(() => workers.map((plan) => putPlan(plan.worker)));
    const results = await Promise.all(puts.map((plan) => store.commit(plan)));

    const winners = puts.filter((_, index) => results[index] === "committed");
    expect(new Set(winners.map((plan) => plan.workerId)).size).toBe(8);
    expect(results.filter((result) => result === "conflict")).toHaveLength(24);
    for (const winner of winners) {
      expect(await store.workers.findById(winner.workerId)).toMatchObject(winner.worker);
      expect(await store.versions.list(winner.workerId, page(10))).toEqual(winner.versions);
      expect(await store.deployments.list(winner.workerId, page(10))).toEqual([winner.deployment]);
    }
    const audit = await store.install.listAudit(accountId, page(100));
    expect(audit.filter((row) => row.action === "secret.put")).toHaveLength(8);
    expect(audit.map((row) => row.seq)).toEqual(Array.from({ length: 16 }, (_, index) => 16 - index));
  });

  test("a read beside a commit sees all of it or nothing", async () => {
    const { store } = subject;
    const created = createPlan();
    await store.commit(created);
    let state = created.worker;
    for (let round = 0; round < 20; round += 1) {
      const put = putPlan(state);
      const committing = store.commit(put);
      const row = await store.workers.findById(put.workerId);
      const version = await store.versions.find(put.workerId, put.versions[0].versionId);
      expect([state.head.epoch, put.worker.head.epoch]).toContain(row?.head.epoch);
      // Read after the head: a head that is seen has its version.
      expect(version !== undefined || row?.head.epoch === state.head.epoch).toBe(true);
      expect(await committing).toBe("committed");
      expect(await store.workers.findById(put.workerId)).toMatchObject(put.worker);
      state = put.worker;
    }
  });

  test("an idempotency key that is stored makes the whole plan a conflict", async () => {
    const { store } = subject;
    const created = createPlan();
    const answer: IdempotencyRow = {
      accountId: created.worker.accountId,
      key: newUuid(systemRandom),
      digest: randomBytes(32),
      status: 200,
      answer: '{"success":true}',
      createdOn: nextTime(),
    };
    expect(await store.commit({ ...created, idempotency: answer })).toBe("committed");
    expect(await store.install.findIdempotency(answer.accountId, answer.key)).toEqual(answer);
    expect(await store.install.findIdempotency(newAccount(), answer.key)).toBeUndefined();

    const again = { ...answer, answer: '{"success":false}' };
    expect(await store.commit({ ...putPlan(created.worker), idempotency: again })).toBe("conflict");
    expect(await store.workers.findById(created.workerId)).toMatchObject(created.worker);
    expect(await store.install.findIdempotency(answer.accountId, answer.key)).toEqual(answer);

    const elsewhere = createPlan();
    const same = { ...answer, accountId: elsewhere.worker.accountId };
    expect(await store.commit({ ...elsewhere, idempotency: same })).toBe("committed");
  });

  test("two plans with one idempotency key in the same moment: one is committed", async () => {
    const { store } = subject;
    const accountId = newAccount();
    const row = { accountId, key: "k", digest: randomBytes(32), status: 200, answer: "{}", createdOn: nextTime() };
    const plans = ["a", "b", "c"].map((name) => ({ ...createPlan({ accountId, name }), idempotency: row }));
    const results = await Promise.all(plans.map((plan) => store.commit(plan)));
    expect(results.toSorted()).toEqual(["committed", "conflict", "conflict"]);
    expect(await store.workers.count(accountId)).toBe(1);
  });

  test("a key that a conflicting plan carried is not stored", async () => {
    const { store } = subject;
    const created = createPlan();
    await store.commit(created);
    await store.commit(putPlan(created.worker));
    const { accountId } = created.worker;
    const idempotency = { accountId, key: "k", digest: randomBytes(32), status: 200, answer: "{}", createdOn: nextTime() };
    expect(await store.commit({ ...putPlan(created.worker), idempotency })).toBe("conflict");
    expect(await store.install.findIdempotency(accountId, "k")).toBeUndefined();
  });

  test("after close nothing is taken, and what was taken before is answered", async () => {
    const { store } = subject;
    const created = createPlan();
    const committing = store.commit(created);
    await store.close();
    expect(await committing).toBe("committed");
    await expect(store.commit(createPlan())).rejects.toMatchObject({ code: "storage.failed" });
    await expect(store.workers.listHeads()).rejects.toMatchObject({ code: "storage.failed" });
    const reopened = await subject.reopen();
    expect(await reopened.workers.findById(created.workerId)).toMatchObject(created.worker);
  });
}
