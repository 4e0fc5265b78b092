import { expect, test } from "vitest";
import type { Plan, Store } from "../store.ts";
import { createPlan, editPlan, newModule, page, putPlan, removePlan, type WorkerState } from "./fixture.ts";
import type { Subject } from "./store-contract.ts";

async function commitAll(store: Store, plans: readonly Plan[]): Promise<void> {
  for (const plan of plans) expect(await store.commit(plan)).toBe("committed");
}

/** A Worker with two puts of the same module. */
async function makeTwoPuts(store: Store, module = newModule()) {
  const created = createPlan();
  const first = putPlan(created.worker, [module]);
  const second = putPlan(first.worker, [module]);
  await commitAll(store, [created, first, second]);
  return { created, first, second, module, worker: second.worker, workerId: created.workerId };
}

const destroying = (before: WorkerState, destroy: NonNullable<Plan["destroy"]>): Plan => ({ ...editPlan(before), destroy });

export function retentionContract(subject: Subject): void {
  test("destroy removes what it names and leaves the rest", async () => {
    const { store } = subject;
    const { first, second, worker, workerId } = await makeTwoPuts(store);
    const [kept, shared] = [second.records[0], first.records[0]];
    // The first version goes; its record is still bound by the second, and so is not named.
    await commitAll(store, [
      destroying(worker, {
        versionIds: [first.versions[0].versionId],
        recordIds: [],
        deploymentIds: [first.deployment.deploymentId],
      }),
    ]);
    expect(await store.versions.list(workerId, page(10))).toEqual(second.versions);
    expect(await store.versions.listRecords(workerId, [shared.recordId, kept.recordId])).toEqual([shared, kept]);
    expect(await store.deployments.list(workerId, page(10))).toEqual([second.deployment]);
  });

  test("a destroyed record is gone, and one of another Worker cannot be named", async () => {
    const { store } = subject;
    const { first, second, worker, workerId } = await makeTwoPuts(store);
    const other = await makeTwoPuts(store);
    const foreign = other.first;
    await commitAll(store, [
      destroying(worker, {
        versionIds: [foreign.versions[0].versionId],
        recordIds: [first.records[0].recordId, foreign.records[0].recordId],
        deploymentIds: [foreign.deployment.deploymentId],
      }),
    ]);
    const ids = [first.records[0].recordId, second.records[0].recordId];
    expect(await store.versions.listRecords(workerId, ids)).toEqual(second.records);
    expect(await store.versions.count(workerId)).toBe(2);
    expect(await store.versions.count(other.workerId)).toBe(2);
    expect(await store.versions.listRecords(other.workerId, [foreign.records[0].recordId])).toEqual(foreign.records);
    expect(await store.deployments.list(other.workerId, page(10))).toHaveLength(2);
  });

  test("a destroy that conflicts destroys nothing", async () => {
    const { store } = subject;
    const { first, workerId } = await makeTwoPuts(store);
    const destroy = { versionIds: [first.versions[0].versionId], recordIds: [first.records[0].recordId] };
    expect(await store.commit(destroying(first.worker, destroy))).toBe("conflict");
    expect(await store.versions.count(workerId)).toBe(2);
    expect(await store.versions.listRecords(workerId, destroy.recordIds)).toEqual(first.records);
  });

  test("one plan adds a version and destroys the oldest", async () => {
    const { store } = subject;
    const { first, second, worker, workerId, module } = await makeTwoPuts(store);
    const third = putPlan(worker, [module]);
    const destroy = { versionIds: [first.versions[0].versionId], recordIds: [first.records[0].recordId] };
    await commitAll(store, [{ ...third, destroy }]);
    expect(await store.versions.list(workerId, page(10))).toEqual([...third.versions, ...second.versions]);
    expect(await store.versions.findModule(module.sha256)).toEqual(module.bytes);
  });

  test("module bytes stay while any version of any Worker names them", async () => {
    const { store } = subject;
    const module = newModule();
    const a = await makeTwoPuts(store, module);
    const b = await makeTwoPuts(store, module);
    const both = (of: typeof a) => [of.first.versions[0].versionId, of.second.versions[0].versionId];

    const onlyFirst = destroying(a.worker, { versionIds: both(a).slice(0, 1), recordIds: [] });
    await commitAll(store, [onlyFirst]);
    expect(await store.versions.findModule(module.sha256)).toEqual(module.bytes);
    await commitAll(store, [destroying(onlyFirst.worker as WorkerState, { versionIds: both(a).slice(1), recordIds: [] })]);
    expect(await store.versions.findModule(module.sha256)).toEqual(module.bytes);
    await commitAll(store, [destroying(b.worker, { versionIds: both(b), recordIds: [] })]);
    expect(await store.versions.findModule(module.sha256)).toBeUndefined();
  });

  test("module bytes that went come back with the next upload", async () => {
    const { store } = subject;
    const { worker, first, second, module } = await makeTwoPuts(store);
    const versionIds = [first.versions[0].versionId, second.versions[0].versionId];
    const emptied = destroying(worker, { versionIds, recordIds: [] });
    await commitAll(store, [emptied, putPlan(emptied.worker as WorkerState, [module])]);
    expect(await store.versions.findModule(module.sha256)).toEqual(module.bytes);
  });

  test("a deleted Worker takes everything along, and the others keep theirs", async () => {
    const { store } = subject;
    const shared = newModule();
    const gone = await makeTwoPuts(store, shared);
    const kept = await makeTwoPuts(store, shared);
    const own = newModule();
    const last = putPlan(gone.worker, [own]);
    await commitAll(store, [last, removePlan(last.worker)]);

    const { workerId } = gone;
    expect(await store.workers.findById(workerId)).toBeUndefined();
    expect(await store.versions.count(workerId)).toBe(0);
    expect(await store.versions.find(workerId, last.versions[0].versionId)).toBeUndefined();
    expect(await store.versions.listRecords(workerId, [last.records[0].recordId])).toEqual([]);
    expect(await store.deployments.list(workerId, page(10))).toEqual([]);
    expect(await store.install.listKeys(workerId)).toEqual([]);
    expect(await store.versions.findModule(own.sha256)).toBeUndefined();

    expect(await store.versions.findModule(shared.sha256)).toEqual(shared.bytes);
    expect(await store.versions.count(kept.workerId)).toBe(2);
    expect(await store.versions.listRecords(kept.workerId, [kept.first.records[0].recordId])).toEqual(kept.first.records);
    expect(await store.deployments.list(kept.workerId, page(10))).toHaveLength(2);
    expect(await store.install.listKeys(kept.workerId)).toHaveLength(3);
    // What was done stays known.
    expect(await store.install.listAudit(last.worker.accountId, page(10))).toHaveLength(5);
  });

  test("a Worker is not deleted from an epoch that has passed", async () => {
    const { store } = subject;
    const { first, workerId } = await makeTwoPuts(store);
    expect(await store.commit(removePlan(first.worker))).toBe("conflict");
    expect(await store.versions.count(workerId)).toBe(2);
  });

  test("a name that is used again names another Worker; an id is never used again", async () => {
    const { store } = subject;
    const { worker, workerId, first } = await makeTwoPuts(store);
    const { accountId, head } = worker;
    await commitAll(store, [removePlan(worker)]);
    expect(await store.commit(createPlan({ accountId, workerId, name: head.name }))).toBe("conflict");
    const next = createPlan({ accountId, name: head.name });
    await commitAll(store, [next]);
    expect(await store.workers.find(accountId, head.name)).toMatchObject(next.worker);
    expect(await store.versions.count(next.workerId)).toBe(0);
    expect(await store.versions.find(next.workerId, first.versions[0].versionId)).toBeUndefined();
    expect(await store.workers.findById(workerId)).toBeUndefined();
  });
}
