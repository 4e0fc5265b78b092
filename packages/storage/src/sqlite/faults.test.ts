import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCorralError } from "@corral/base";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPlan, newAccount, newModule, page, type PutPlan, putPlan, randomBytes } from "../contract/fixture.ts";
import type { CommitResult, Store } from "../store.ts";
import type { StoragePoints } from "./group.ts";
import { openSqliteStore } from "./open.ts";

describe("between the last row and the answer", () => {
  let directory: string;
  let store: Store;
  let points: { beforeCommit?: () => void; afterCommit?: () => void };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "corral-faults-"));
    points = {};
    const through: StoragePoints = {
      beforeCommit: () => points.beforeCommit?.(),
      afterCommit: () => points.afterCommit?.(),
    };
    store = openSqliteStore({ path: join(directory, "corral.db"), points: through });
  });

  afterEach(async () => {
    points = {};
    await store.close();
    rmSync(directory, { recursive: true });
  });

  test("reads do not see a group that is not yet durable", async () => {
    const created = createPlan();
    await store.commit(created);
    const put = putPlan(created.worker);
    const seen: Promise<unknown>[] = [];
    points.beforeCommit = () => {
      // SQLite answers a read when it is asked, so what these promises hold is what was to be seen now.
      seen.push(store.workers.findById(put.workerId), store.versions.find(put.workerId, put.versions[0].versionId));
    };
    points.afterCommit = () => {
      seen.push(store.workers.findById(put.workerId), store.versions.find(put.workerId, put.versions[0].versionId));
    };
    expect(await store.commit(put)).toBe("committed");
    const [workerBefore, versionBefore, workerAfter, versionAfter] = await Promise.all(seen);
    expect(workerBefore).toMatchObject(created.worker);
    expect(versionBefore).toBeUndefined();
    expect(workerAfter).toMatchObject(put.worker);
    expect(versionAfter).toEqual(put.versions[0]);
  });

  test("no answer leaves before the commit", async () => {
    let answered: CommitResult | undefined;
    let answeredBefore: CommitResult | undefined = "conflict";
    points.afterCommit = () => {
      answeredBefore = answered;
    };
    await store.commit(createPlan()).then((result) => (answered = result));
    expect(answered).toBe("committed");
    expect(answeredBefore).toBeUndefined();
  });

  test("a commit that fails rejects every plan of its group, leaves nothing, and the next goes through", async () => {
    const accountId = newAccount();
    const plans = ["a", "b", "c"].map((name) => createPlan({ accountId, name }));
    points.beforeCommit = () => {
      throw new Error("planted");
    };
    const results = await Promise.allSettled(plans.map((plan) => store.commit(plan)));
    for (const result of results) expect(result).toMatchObject({ status: "rejected", reason: { code: "storage.failed" } });
    expect(await store.workers.count(accountId)).toBe(0);
    expect(await store.install.listAudit(accountId, page(10))).toEqual([]);

    points = {};
    expect(await Promise.all(plans.map((plan) => store.commit(plan)))).toEqual(["committed", "committed", "committed"]);
    const audit = await store.install.listAudit(accountId, page(10));
    expect(audit.map((row) => row.seq)).toEqual([3, 2, 1]);
  });

  test("nothing foreign is in an error's words", async () => {
    const created = createPlan();
    await store.commit(created);
    const [record] = putPlan(created.worker).records;
    // A type that the schema refuses, as a bug would hand it over.
    const broken = { ...record, countedBytes: "canary-0123456789" as unknown as number };
    const error: unknown = await store
      .commit({ ...putPlan(created.worker), records: [broken] })
      .catch((failure: unknown) => failure);
    expect(isCorralError(error, "storage.failed")).toBe(true);
    const words = `${String(error)} ${String((error as Error).cause)} ${JSON.stringify(error)}`;
    expect(words).not.toMatch(/canary|INSERT|records|counted/);
  });
});

const small = mkdtempSync(join(tmpdir(), "corral-full-"));
const canMount = spawnSync("/bin/mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", small]).status === 0;

afterAll(() => {
  if (canMount) spawnSync("/bin/umount", [small]);
  rmSync(small, { recursive: true });
});

test.skipIf(!canMount)(
  "on a full disk writes are refused, reads go on, and writes resume by themselves (needs mount)",
  async () => {
    const path = join(small, "corral.db");
    const ballast = join(small, "ballast");
    writeFileSync(ballast, randomBytes(1024 * 1024));
    const store = openSqliteStore({ path });
    const created = createPlan();
    await store.commit(created);
    let state = created.worker;
    const committed: PutPlan[] = [];
    let refusal: unknown;
    while (refusal === undefined) {
      const put = putPlan(state, [newModule(randomBytes(20_000))]);
      try {
        await store.commit(put);
        committed.push(put);
        state = put.worker;
      } catch (error) {
        refusal = error;
      }
    }
    expect(isCorralError(refusal, "storage.full")).toBe(true);
    expect(committed.length).toBeGreaterThan(3);

    const big = () => putPlan(state, [newModule(randomBytes(400_000))]);
    await expect(store.commit(big())).rejects.toMatchObject({ code: "storage.full" });
    const group = await Promise.allSettled([store.commit(big()), store.commit(createPlan())]);
    expect(group.map((result) => result.status)).toEqual(["rejected", "rejected"]);
    expect(await store.workers.findById(state.workerId)).toMatchObject(state);
    expect(await store.versions.list(state.workerId, page(1000))).toEqual(committed.toReversed().flatMap((put) => put.versions));

    rmSync(ballast);
    const resumed = big();
    expect(await store.commit(resumed)).toBe("committed");
    expect(await store.versions.find(state.workerId, resumed.versions[0].versionId)).toEqual(resumed.versions[0]);
    await store.close();

    const reopened = openSqliteStore({ path });
    expect(await reopened.versions.count(state.workerId)).toBe(committed.length + 1);
    await reopened.close();
  },
);
