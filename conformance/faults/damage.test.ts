/** Rows that a disk has damaged: the Worker they belong to fails in typed words, every other one is untouched. */
import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { type RunningCorral, startCorral, temporaryDirectory } from "@corral/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databaseFile } from "../support/database.ts";
import { digest, eventually, see } from "../support/probe.ts";
import { secretValue, sweepValues } from "../support/values.ts";
import { listSecrets, putSecret, putWorker } from "../support/wire.ts";

const dataDirectory = temporaryDirectory("damage");
let corral: RunningCorral;

/** The middle byte of a blob of the Worker's newest row becomes another. */
const BROKEN: Readonly<Record<string, { readonly table: string; readonly column: string }>> = {
  "damaged-record": { table: "records", column: "sealed" },
  "damaged-version": { table: "versions", column: "manifest" },
  "damaged-mac": { table: "versions", column: "mac" },
};

function damage(worker: string, { table, column }: { readonly table: string; readonly column: string }): void {
  const db = new DatabaseSync(databaseFile(dataDirectory));
  const where = `rowid = (SELECT max(rowid) FROM ${table} WHERE worker = (SELECT id FROM workers WHERE name = ?))`;
  const row = db.prepare(`SELECT ${column} AS bytes FROM ${table} WHERE ${where}`).get(worker);
  const bytes = Buffer.from(row?.["bytes"] as Uint8Array);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  expect(db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${where}`).run(bytes, worker).changes).toBe(1);
  db.close();
}

beforeAll(async () => {
  corral = await startCorral({ dataDirectory });
  for (const worker of [...Object.keys(BROKEN), "sound"]) {
    await putWorker(corral, worker);
    await putSecret(corral, worker, "KEY", secretValue(worker));
  }
  await corral.stop();
  for (const [worker, place] of Object.entries(BROKEN)) damage(worker, place);
  corral = await startCorral({ dataDirectory });
});

afterAll(async () => {
  await corral?.stop();
  rmSync(dataDirectory, { recursive: true });
});

const put = (worker: string, name = "NEW") =>
  corral.api("PUT", `/workers/scripts/${worker}/secrets`, {
    name,
    text: secretValue(`${worker}-new`),
    type: "secret_text",
  });

describe("damage on the disk", () => {
  test.each(["damaged-version", "damaged-mac"])("of %s refuses its lists and its puts with 10013", async (worker) => {
    for (const answer of [await corral.api("GET", `/workers/scripts/${worker}/secrets`), await put(worker)]) {
      expect(answer).toMatchObject({ status: 500, body: { success: false, result: null, errors: [{ code: 10013 }] } });
      expect(answer.body?.errors[0]?.message).toMatch(
        /^(A stored row is damaged|A stored version or head does not carry a valid MAC)\.$/,
      );
    }
  });

  test("of a record keeps it out of traffic, and its puts are refused: no wrong value is served", async () => {
    expect(await listSecrets(corral, "damaged-record")).toEqual(["KEY"]);
    const answer = await corral.ask("damaged-record");
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toContain("env");
    expect(await put("damaged-record", "KEY")).toMatchObject({ status: 500, body: { errors: [{ code: 10013 }] } });
  });

  test("does not touch another Worker: its list, its puts and its traffic go on", async () => {
    expect(await listSecrets(corral, "sound")).toEqual(["KEY"]);
    expect((await put("sound")).status).toBe(200);
    const expected = { KEY: digest(secretValue("sound")), NEW: digest(secretValue("sound-new")) };
    expect(
      (
        await eventually(
          () => see(corral, "sound"),
          ({ env }) => env["NEW"] !== undefined,
        )
      ).env,
    ).toEqual(expected);
  });

  test("shows no value anywhere", () => {
    expect(sweepValues(corral)).toEqual([]);
  });
});
