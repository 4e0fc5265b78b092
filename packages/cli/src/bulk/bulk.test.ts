/** `secret bulk` beyond its transcript: what it refuses, plans and points out. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { FakeCloudflare } from "../testing/fake-cloudflare.ts";
import { emptyDirectory, runCli, type RunOptions } from "../testing/run-cli.ts";

let fake: FakeCloudflare;

beforeAll(async () => {
  fake = await FakeCloudflare.start();
});
afterAll(async () => fake[Symbol.asyncDispose]());
beforeEach(() => {
  fake.workers.clear();
  fake.requests.length = 0;
});

const corral = (line: string, options: RunOptions = {}) => runCli(line.split(" "), { env: fake.env, ...options });

test("every entry that cannot be used is told in one report, with its place and without its value", async () => {
  fake.worker("w");
  const text =
    '{\n  "K": 12345678,\n  "L": {"canary": "canary"},\n  "M": ["canary"],\n  "N N": "canary",\n  "O": true,\n  "P": "ok"\n}';
  const ended = await corral("secret bulk secrets.json --name w", { cwd: emptyDirectory({ "secrets.json": text }) });
  expect(ended).toMatchObject({ code: 1, stdout: "" });
  expect(ended.stderr.split("\n")).toEqual([
    'error: 5 entries in "secrets.json" cannot be used; nothing was changed.',
    "  secrets.json:2:8  K: expected a string or null, got a number",
    "  secrets.json:3:8  L: expected a string or null, got an object",
    "  secrets.json:4:8  M: expected a string or null, got a list",
    "  secrets.json:5:3  a name has letters, digits, _ and $, and no digit first",
    "  secrets.json:6:8  O: expected a string or null, got true or false",
    "",
  ]);
  expect(fake.requests).toEqual([]);
});

test("broken .env names the file and the lines", async () => {
  const ended = await corral("secret bulk .env.production --name w", {
    cwd: emptyDirectory({ ".env.production": "A=1\nB=2\ncanary\n" }),
  });
  expect(ended.stderr).toBe(
    'error: The contents of ".env.production" is not a valid .env file.\n  .env.production:3  expected NAME=value\n' +
      'hint: One NAME=value per line, or JSON: {"NAME": "value"}\n',
  );
});

test("a name twice is refused in both formats", async () => {
  const json = await corral("secret bulk --name w", { stdin: '{"A": "1",\n"A": "2"}' });
  expect(json.stderr).toContain("standard input:2:1  this key is already there");
  const lines = await corral("secret bulk --name w", { stdin: "A=1\nA=2" });
  expect(lines.stderr).toContain("standard input:2  A: already given in line 1");
});

test("--input-format wins over what the text looks like", async () => {
  const worker = fake.worker("w");
  const env = await corral("secret bulk --name w --input-format env", { stdin: '{"A": "1"}' });
  expect(env.stderr).toContain("is not a valid .env file");
  await corral("secret bulk --name w --input-format json", { stdin: ' {"A": "value"}' });
  expect(worker.secret("A")).toBe("value");
});

test("a file that ends in .json is JSON, whatever it begins with", async () => {
  const ended = await corral("secret bulk s.json --name w", { cwd: emptyDirectory({ "s.json": "A=1" }) });
  expect(ended.stderr).toContain('error: The contents of "s.json" is not valid JSON.\n  s.json:1:1  expected a value');
});

test("an empty file is named", async () => {
  const ended = await corral("secret bulk f --name w", { cwd: emptyDirectory({ f: "" }) });
  expect(ended).toMatchObject({ code: 1, stderr: 'error: No content found in "f".\n' });
});

test("--dry-run tells the plan and changes nothing", async () => {
  fake.worker("w", { OLD: "1", BOTH: "2", STAYS: "3" });
  const ended = await corral("secret bulk --name w --dry-run", {
    stdin: '{"NEW": "value", "BOTH": "value", "OLD": null, "GONE": null}',
  });
  expect(ended).toMatchObject({
    code: 0,
    stdout: "Would create: NEW\nWould replace: BOTH\nWould delete: OLD\nUnchanged on the Worker: STAYS\n",
    stderr: "note: Not on the Worker, so nothing to delete: GONE\n",
  });
  expect(fake.changes()).toEqual([]);
});

test("a bulk that only deletes never makes a Worker", async () => {
  const ended = await corral("secret bulk --name w --create", { stdin: '{"A": null}' });
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('error: Worker "w" not found.') as unknown });
  expect(fake.workers.size).toBe(0);
});

test("all of it is one request, also with 300 entries", async () => {
  const worker = fake.worker("w");
  const entries = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`KEY_${index}`, `value-${index}`]));
  expect(await corral("secret bulk --name w", { stdin: JSON.stringify(entries) })).toMatchObject({ code: 0 });
  expect(fake.changes()).toHaveLength(1);
  expect(worker.secret("KEY_299")).toBe("value-299");
});

test("a file that git tracks is pointed out", async () => {
  fake.worker("w");
  const cwd = emptyDirectory({ "secrets.json": '{"A": "value"}' });
  execFileSync("git", ["init", "-q"], { cwd });
  execFileSync("git", ["add", "secrets.json"], { cwd });
  const ended = await corral("secret bulk secrets.json --name w", { cwd });
  expect(ended.stderr).toBe(
    'note: "secrets.json" is tracked by git. Secrets do not belong in a repository; add it to .gitignore and rotate these values.\n',
  );
});

test("--json prints what happened, and the event file gets a line", async () => {
  fake.worker("w", { OLD: "1" });
  const cwd = emptyDirectory();
  const ended = await corral("secret bulk --name w --json", {
    cwd,
    env: { ...fake.env, CORRAL_OUTPUT_FILE: `${cwd}/events` },
    stdin: '{"NEW": "canary-value", "OLD": null}',
  });
  expect(JSON.parse(ended.stdout)).toEqual({ worker: "w", created: ["NEW"], deleted: ["OLD"] });
  const event = execFileSync("cat", ["events"], { cwd, encoding: "utf8" });
  expect(JSON.parse(event)).toMatchObject({
    version: 1,
    type: "secret-bulk",
    command: "secret bulk",
    created: ["NEW"],
    deleted: ["OLD"],
  });
  expect(event + ended.screen).not.toContain("canary");
});
