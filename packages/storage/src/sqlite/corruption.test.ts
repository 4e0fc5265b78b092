import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import { isCorralError } from "@corral/base";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPlan, editPlan, newAccount, newModule, page, type PutPlan, putPlan } from "../contract/fixture.ts";
import type { Store } from "../store.ts";
import { openSqliteStore } from "./open.ts";

let directory: string;
let path: string;
const accountId = newAccount();
const module = newModule();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "corral-corrupt-"));
  path = join(directory, "corral.db");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Three Workers with four puts each, closed. The last put of each is returned with all that came before. */
async function makeDatabase(): Promise<PutPlan[][]> {
  const store = openSqliteStore({ path });
  const workers: PutPlan[][] = [];
  for (const name of ["alpha", "beta", "gamma"]) {
    const created = createPlan({ accountId, name });
    await store.commit(created);
    const puts: PutPlan[] = [];
    for (let count = 0; count < 4; count += 1) {
      const put = putPlan(puts.at(-1)?.worker ?? created.worker, [module]);
      await store.commit(put);
      puts.push(put);
    }
    workers.push(puts);
  }
  await store.close();
  return workers;
}

function alter(sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

const last = (puts: PutPlan[] | undefined): PutPlan => puts?.at(-1) as PutPlan;

async function expectIntact(store: Store, puts: PutPlan[] | undefined): Promise<void> {
  const { worker, workerId } = last(puts);
  expect(await store.workers.findById(workerId)).toMatchObject(worker);
  for (const put of puts ?? []) {
    const [version] = put.versions;
    expect(await store.versions.find(workerId, version.versionId)).toEqual(version);
    expect(await store.versions.listRecords(workerId, [put.records[0].recordId])).toEqual(put.records);
    expect(await store.deployments.find(workerId, put.deployment.deploymentId)).toEqual(put.deployment);
  }
}

describe("a damaged row is storage.corrupt, and the other Workers are not touched", () => {
  const corrupt = { code: "storage.corrupt" };

  test.each([
    ["a name", "UPDATE workers SET name = 'alpha2' WHERE name = 'alpha'"],
    ["a head", "UPDATE workers SET epoch = epoch - 1 WHERE name = 'alpha'"],
    ["a share", "UPDATE workers SET shares = replace(shares, '100', '10') WHERE name = 'alpha'"],
    ["settings that are not JSON", "UPDATE workers SET settings = '{' WHERE name = 'alpha'"],
    ["a MAC", "UPDATE workers SET head_mac = zeroblob(32) WHERE name = 'alpha'"],
  ])("%s", async (_, sql) => {
    const [alpha, beta, gamma] = await makeDatabase();
    alter(sql);
    const store = openSqliteStore({ path });
    await expect(store.workers.findById(last(alpha).workerId)).rejects.toMatchObject(corrupt);
    // A list that left it out, or showed it, would be wrong.
    await expect(store.workers.list(accountId, page(10))).rejects.toMatchObject(corrupt);
    expect(await store.workers.listHeads()).toHaveLength(3);
    await expectIntact(store, beta);
    await expectIntact(store, gamma);
    expect(await store.commit(editPlan(last(beta).worker))).toBe("committed");
    await store.close();
  });

  const ofAlpha = "WHERE worker = (SELECT id FROM workers WHERE name = 'alpha')";
  const ofBeta = "(SELECT id FROM workers WHERE name = 'beta')";

  test.each([
    ["a manifest", `UPDATE versions SET manifest = zeroblob(8) ${ofAlpha}`],
    ["an info", `UPDATE versions SET info = replace(info, 'wrangler', 'wrongler') ${ofAlpha}`],
    ["a number", `UPDATE versions SET number = number + 100 ${ofAlpha}`],
  ])("%s of a version", async (_, sql) => {
    const [alpha, beta] = await makeDatabase();
    alter(sql);
    const store = openSqliteStore({ path });
    const { workerId, versions } = last(alpha);
    await expect(store.versions.find(workerId, versions[0].versionId)).rejects.toMatchObject(corrupt);
    await expect(store.versions.list(workerId, page(10))).rejects.toMatchObject(corrupt);
    await expectIntact(store, beta);
    await store.close();
  });

  test("a record that was moved to another Worker, and one whose bytes were changed", async () => {
    const [alpha, beta, gamma] = await makeDatabase();
    const [moved, changed] = (alpha ?? []).map((put) => put.records[0].recordId);
    alter(`UPDATE records SET worker = ${ofBeta} WHERE record_id = '${moved}'`);
    alter(`UPDATE records SET sealed = zeroblob(length(sealed)) WHERE record_id = '${changed}'`);
    const store = openSqliteStore({ path });
    await expect(store.versions.listRecords(last(beta).workerId, [moved ?? ""])).rejects.toMatchObject(corrupt);
    await expect(store.versions.listRecords(last(alpha).workerId, [changed ?? ""])).rejects.toMatchObject(corrupt);
    await expectIntact(store, gamma);
    await store.close();
  });

  test("module bytes, a deployment and an audit row", async () => {
    const [alpha, beta] = await makeDatabase();
    alter("UPDATE modules SET bytes = zeroblob(length(bytes)); UPDATE audit SET actor = 'nobody' WHERE seq = 2");
    alter(`UPDATE deployments SET message = 'changed' ${ofAlpha}`);
    const store = openSqliteStore({ path });
    await expect(store.versions.findModule(module.sha256)).rejects.toMatchObject(corrupt);
    await expect(store.install.listAudit(accountId, page(100))).rejects.toMatchObject(corrupt);
    await expect(store.deployments.list(last(alpha).workerId, page(1))).rejects.toMatchObject(corrupt);
    await expectIntact(store, beta);
    await store.close();
  });

  test("a damaged Worker can still be deleted", async () => {
    const [alpha] = await makeDatabase();
    alter(`UPDATE versions SET manifest = zeroblob(8) ${ofAlpha}`);
    const store = openSqliteStore({ path });
    const { worker, workerId } = last(alpha);
    const removal = { workerId, expectedEpoch: worker.head.epoch, worker: null, audit: editPlan(worker).audit };
    expect(await store.commit(removal)).toBe("committed");
    expect(await store.versions.count(workerId)).toBe(0);
    await store.close();
  });
});

const isTyped = (error: unknown) => isCorralError(error, "storage.corrupt") || isCorralError(error, "storage.failed");

/** Asks for every row by every way. Names the answers that were neither a row that was written, nor nothing, nor a typed error. */
async function wrongAnswers(store: Store, workers: readonly PutPlan[][]): Promise<string[]> {
  const wrong: string[] = [];
  const check = async (what: string, read: Promise<unknown>, written: readonly unknown[]) => {
    try {
      const answer = await read;
      const rows: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
      if (!rows.every((row) => row === undefined || written.some((each) => isDeepStrictEqual(each, row)))) wrong.push(what);
    } catch (error) {
      if (!isTyped(error)) wrong.push(`${what}: ${String(error)}`);
    }
  };
  for (const [index, puts] of workers.entries()) {
    const { worker, workerId } = last(puts);
    const row = { ...worker, changeSeq: index * 5 + 5 };
    await check("worker", store.workers.findById(workerId), [row]);
    await check("named worker", store.workers.find(accountId, worker.head.name), [row]);
    const versions = puts.flatMap((put) => put.versions);
    await check("versions", store.versions.list(workerId, page(10)), versions);
    await check(
      "deployments",
      store.deployments.list(workerId, page(10)),
      puts.map((put) => put.deployment),
    );
    for (const put of puts) {
      await check("version", store.versions.find(workerId, put.versions[0].versionId), put.versions);
      await check("record", store.versions.listRecords(workerId, [put.records[0].recordId]), put.records);
    }
  }
  await check("module", store.versions.findModule(module.sha256), [module.bytes]);
  return wrong;
}

describe("whatever happens to the file, no answer is wrong", () => {
  const damage = fc.oneof(
    fc.record({ kind: fc.constant("flip" as const), at: fc.nat(), bit: fc.nat({ max: 7 }) }),
    fc.record({ kind: fc.constant("zero page" as const), at: fc.nat(), bit: fc.constant(0) }),
    fc.record({
      kind: fc.constant("swap pages" as const),
      at: fc.nat(),
      bit: fc.nat({ max: 7 }),
    }),
    fc.record({ kind: fc.constant("cut" as const), at: fc.nat(), bit: fc.constant(0) }),
  );

  function inflict(whole: Uint8Array, { kind, at, bit }: { kind: string; at: number; bit: number }): Uint8Array {
    const bytes = new Uint8Array(whole);
    const offset = at % bytes.length;
    const start = offset - (offset % 4096);
    if (kind === "cut") return bytes.subarray(0, offset);
    if (kind === "zero page") bytes.fill(0, start, start + 4096);
    else if (kind === "flip") bytes[offset] = (bytes[offset] ?? 0) ^ (1 << bit);
    else {
      const other = ((start / 4096 + 1 + bit) % (bytes.length / 4096)) * 4096;
      const page1 = bytes.slice(start, start + 4096);
      bytes.copyWithin(start, other, other + 4096);
      bytes.set(page1, other);
    }
    return bytes;
  }

  test("a flipped bit, a zeroed page, two swapped pages, a file cut short", async () => {
    const workers = await makeDatabase();
    const whole = readFileSync(path);
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(damage, async (harm) => {
        const broken = join(directory, "broken.db");
        for (const tail of ["", "-wal", "-shm"]) rmSync(`${broken}${tail}`, { force: true });
        writeFileSync(broken, inflict(whole, harm));
        let store: Store;
        try {
          store = openSqliteStore({ path: broken });
        } catch (error) {
          if (!isTyped(error)) throw error;
          refused += 1;
          return;
        }
        try {
          expect(await wrongAnswers(store, workers)).toEqual([]);
        } finally {
          await store.close();
        }
      }),
      { numRuns: 150 },
    );
    expect(refused).toBeLessThan(150);
  });
});

describe("a file that is not Corral's is refused and left alone", () => {
  function refusal(): unknown {
    try {
      void openSqliteStore({ path }).close();
    } catch (error) {
      return error;
    }
    return undefined;
  }

  test("a text", () => {
    const text = "not a database ".repeat(400);
    writeFileSync(path, text);
    expect(isCorralError(refusal(), "storage.corrupt")).toBe(true);
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("a database of another program", () => {
    alter("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine')");
    expect(isCorralError(refusal(), "storage.corrupt")).toBe(true);
    const db = new DatabaseSync(path);
    expect(db.prepare("SELECT count(*) AS count FROM sqlite_schema").get()).toMatchObject({ count: 1 });
    db.close();
  });

  test("a database of a newer Corral", async () => {
    await makeDatabase();
    alter("PRAGMA user_version = 1000; CREATE TABLE things_to_come (id INTEGER)");
    const copy = `${path}.copy`;
    copyFileSync(path, copy);
    expect(isCorralError(refusal(), "storage.newer-schema")).toBe(true);
    expect(readFileSync(path).equals(readFileSync(copy))).toBe(true);
  });

  test("a database to which somebody added a trigger", async () => {
    await makeDatabase();
    alter("CREATE TRIGGER planted AFTER INSERT ON audit BEGIN DELETE FROM audit; END");
    expect(isCorralError(refusal(), "storage.corrupt")).toBe(true);
  });

  test("a directory, and a path that leads nowhere", () => {
    path = directory;
    expect(isCorralError(refusal(), "storage.failed")).toBe(true);
    path = join(directory, "missing", "corral.db");
    expect(isCorralError(refusal(), "storage.failed")).toBe(true);
  });
});
