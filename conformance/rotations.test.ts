/** No request is lost by a rotation, a deployment or a change of shares. */
import { type RunningCorral, startCorral } from "@corral/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startLoad } from "./support/load.ts";
import { digest, eventually, see, type Seen } from "./support/probe.ts";
import { secretValue, sweepValues } from "./support/values.ts";
import { deployShares, patchVersion, putSecret, putWorker } from "./support/wire.ts";

const NAME = "rotated";
let corral: RunningCorral;

beforeAll(async () => {
  corral = await startCorral();
  await putWorker(corral, NAME);
  await putSecret(corral, NAME, "KEY", secretValue("0"));
  await eventually(
    () => see(corral, NAME),
    ({ env }) => env["KEY"] === digest(secretValue("0")),
  );
});

afterAll(async () => {
  await corral?.[Symbol.asyncDispose]();
});

test("40 rotations under load from 16 connections: not one request fails, and no answer is of an unknown value", async () => {
  const known = new Set<string | undefined>([secretValue("0")].map(digest));
  const strange: string[] = [];
  const load = startLoad(corral, NAME, 16, ({ status, text }) => {
    if (status === 200 && !known.has((JSON.parse(text) as Seen).env["KEY"])) strange.push(text);
  });
  for (let round = 1; round <= 40; round += 1) {
    const value = secretValue(String(round));
    known.add(digest(value));
    await putSecret(corral, NAME, "KEY", value);
    await eventually(
      () => see(corral, NAME),
      ({ env }) => env["KEY"] === digest(value),
    );
  }
  const { answered, failures } = await load.stop();
  expect(failures).toEqual([]);
  expect(strange).toEqual([]);
  expect(answered).toBeGreaterThan(400);
  expect((await see(corral, NAME)).env["KEY"]).toBe(digest(secretValue("40")));
});

test("moving shares back and forth under load loses no request", async () => {
  const second = await patchVersion(corral, NAME, { KEY: secretValue("second") });
  const first = (
    await corral.must<{ deployments: { versions: { version_id: string }[] }[] }>("GET", `/workers/scripts/${NAME}/deployments`)
  ).deployments[0]?.versions[0]?.version_id;
  const load = startLoad(corral, NAME, 16);
  for (const share of [1, 20, 50, 99.9, 50, 0, 100]) {
    const shares = share === 100 ? { [second]: 100 } : { [second]: share, [first ?? ""]: 100 - share };
    await deployShares(corral, NAME, shares);
    const expected = digest(share >= 50 ? secretValue("second") : secretValue("40"));
    await eventually(
      () => see(corral, NAME),
      ({ env }) => env["KEY"] === expected,
    );
  }
  const { answered, failures } = await load.stop();
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThan(100);
});

test("the canary sweep finds no value of this file anywhere", () => {
  expect(sweepValues(corral)).toEqual([]);
});
