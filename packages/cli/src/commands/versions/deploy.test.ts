import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FakeCloudflare, type StoredWorker } from "../../testing/fake-cloudflare.ts";
import { runCli, type RunOptions } from "../../testing/run-cli.ts";
import { completeShares, parseSpec } from "./shares.ts";

let fake: FakeCloudflare;
let worker: StoredWorker;
let old = "";
let draft = "";

beforeAll(async () => {
  fake = await FakeCloudflare.start();
});
afterAll(async () => fake[Symbol.asyncDispose]());
beforeEach(() => {
  fake.workers.clear();
  fake.requests.length = 0;
  worker = fake.worker("w", { K: "old-value" });
  old = worker.newest?.id ?? "";
  draft = worker.version(new Map([["K", { name: "K", type: "secret_text", text: "new-value" }]]), { "workers/tag": "v2" }).id;
});

const corral = (line: string, options: RunOptions = {}) => runCli(`${line} --name w`.split(" "), { env: fake.env, ...options });
const live = () => worker.deployments[0]?.versions;

describe("shares", () => {
  test.each([
    [
      ["a@20%", "b@80"],
      [20, 80],
    ],
    [
      ["a@20", "b"],
      [20, 80],
    ],
    [
      ["a", "b"],
      [50, 50],
    ],
    [["a"], [100]],
    [
      ["a@0%", "b@100%"],
      [0, 100],
    ],
    [
      ["a", "b", "c"],
      [33.333, 33.333, 33.334],
    ],
    [
      ["a@12.5%", "b@87.5%"],
      [12.5, 87.5],
    ],
  ])("%j", (words, shares) => {
    const specs = words.map(parseSpec).map((one) => ({ versionId: one.version, percentage: one.percentage }));
    expect(completeShares(specs).map((one) => one.percentage)).toEqual(shares);
  });

  test.each([
    [["a@20", "b@20"]],
    [["a@60", "b@60"]],
    [["a@101"]],
    [["a@x"]],
    [["a@-1"]],
    [["a@50", "a@50"]],
    [["a@1.2345", "b"]],
  ])("%j is refused", (words) => {
    expect(() =>
      completeShares(words.map(parseSpec).map((one) => ({ versionId: one.version, percentage: one.percentage }))),
    ).toThrow(/share|version/);
  });
});

test("named versions are deployed with their shares", async () => {
  const ended = await corral(`versions deploy ${draft}@20% ${old}@80% --message first`);
  expect(ended).toMatchObject({ code: 0, stdout: `✨ Deployed "w": ${draft} at 20 %, ${old} at 80 %.\n` });
  expect(live()).toEqual([
    { version_id: draft, percentage: 20 },
    { version_id: old, percentage: 80 },
  ]);
  expect(worker.deployments[0]?.annotations).toEqual({ "workers/message": "first" });
});

test("a tag, the beginning of an id and wrangler's --version-id name versions too", async () => {
  await corral("versions deploy v2");
  expect(live()).toEqual([{ version_id: draft, percentage: 100 }]);
  await corral(`versions deploy --version-id ${draft} --percentage 10 --version-id ${old.slice(0, 8)}`);
  expect(live()).toEqual([
    { version_id: draft, percentage: 10 },
    { version_id: old, percentage: 90 },
  ]);
});

test("without arguments it asks which versions and shares", async () => {
  const ended = await corral("versions deploy", { typed: ["1 2\n", "30\n", "\n", "y\n"] });
  expect(ended.code).toBe(0);
  expect(ended.stderr).toContain("? Which version(s) do you want to deploy?\n  1  ");
  expect(ended.stderr).toContain(`? What percentage of traffic should Worker Version 2 (${old}) receive? (70) `);
  expect(ended.stdout).toBe(`✨ Deployed "w": ${draft} at 30 %, ${old} at 70 %.\n`);
});

test("declining the deployment changes nothing", async () => {
  const ended = await corral(`versions deploy ${draft}`, { typed: ["n\n"] });
  expect(ended).toMatchObject({ code: 3, screen: expect.stringMatching(/Nothing was changed\.\n$/) as unknown });
  expect(worker.deployments).toHaveLength(1);
});

test("without a terminal and without versions it does not guess", async () => {
  expect(await corral("versions deploy")).toMatchObject({ code: 2 });
  expect(await corral("versions deploy --yes")).toMatchObject({ code: 2 });
  expect(fake.changes()).toEqual([]);
});

test("--dry-run and unknown versions change nothing", async () => {
  expect(await corral(`versions deploy ${draft} --dry-run`)).toMatchObject({
    code: 0,
    stdout: `Would deploy "w": ${draft} at 100 %.\n`,
  });
  expect(await corral("versions deploy canary-typed")).toMatchObject({
    code: 2,
    stderr: 'error: No version of the Worker "w" has this id or tag.\nhint: All of them: corral versions list\n',
  });
  expect(await corral("versions deploy 00000000-0000-4000-8000-000000000000")).toMatchObject({ code: 1 });
  expect(await corral(`versions deploy ${draft} ${old} v2`)).toMatchObject({ code: 2 });
  expect(fake.changes()).toEqual([]);
});

test("an older version with other secrets needs a word", async () => {
  await corral(`versions deploy ${draft}`);
  const refused = await corral(`versions deploy ${old}`);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("The following secrets differ from what is live:\n  K  changed\n");
  expect(refused.stderr).toContain(`hint: The old code with the current secrets: corral rollback ${old} --secrets current`);
  expect(live()).toEqual([{ version_id: draft, percentage: 100 }]);
  expect(await corral(`versions deploy ${old} --secrets old`)).toMatchObject({ code: 0 });
  expect(live()).toEqual([{ version_id: old, percentage: 100 }]);
});

describe("rollback", () => {
  beforeEach(async () => {
    await corral(`versions deploy ${draft}`);
  });

  test("without a terminal differing secrets need a choice", async () => {
    const ended = await corral("rollback");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toBe(
      "The following secrets differ from what is live:\n  K  changed\nerror: The secrets differ: it needs --secrets old or --secrets current when there is no terminal to ask.\n",
    );
  });

  test("old secrets: the old version is live again", async () => {
    expect(await corral("rollback --secrets old --message why")).toMatchObject({
      code: 0,
      stdout: `✨ Rolled back "w": ${old} at 100 %.\n`,
    });
    expect(live()).toEqual([{ version_id: old, percentage: 100 }]);
  });

  test("asked: the first choice is the old secrets, the third changes nothing", async () => {
    const ended = await corral("rollback", { typed: ["\n", "1\n"] });
    expect(ended.code).toBe(0);
    expect(live()).toEqual([{ version_id: old, percentage: 100 }]);
  });

  test("names that only one side has are added or removed", async () => {
    await corral("secret bulk", { stdin: '{"ONLY_NOW": "value-now"}' });
    const ended = await corral(`rollback ${old}`);
    expect(ended.stderr).toContain("  K         changed\n  ONLY_NOW  removed\n");
  });

  test("there is nothing before the first version", async () => {
    const alone = fake.worker("alone");
    expect(alone.deployments).toHaveLength(1);
    const ended = await runCli(["rollback", "--name", "alone"], { env: fake.env });
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("There is no earlier version") as unknown });
  });
});
