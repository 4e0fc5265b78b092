/** Refusals and explanations, in their canonical strings. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { FakeCloudflare } from "../testing/fake-cloudflare.ts";
import { emptyDirectory, runCli, type RunOptions } from "../testing/run-cli.ts";

let fake: FakeCloudflare;
let cwd: string;

beforeAll(async () => {
  fake = await FakeCloudflare.start();
});
afterAll(async () => fake[Symbol.asyncDispose]());
beforeEach(() => {
  fake.workers.clear();
  fake.requests.length = 0;
  cwd = emptyDirectory({ "wrangler.toml": 'name = "w"\n' });
});

const corral = (line: string, options: RunOptions = {}) => runCli(line.split(" "), { cwd, env: fake.env, ...options });

test.each(["secret put K canary-value", "versions secret put K canary-value", "secret put K=canary-value"])(
  "a value on the command line is refused, and not repeated: %s",
  async (line) => {
    const ended = await corral(line, { typed: ["x\r"] });
    expect(ended.code).toBe(2);
    expect(ended.stderr.split("\n")[0]).toBe(
      "error: A secret value does not belong on the command line: it would stay in the shell history and in the process list.",
    );
    expect(ended.screen).toContain("--from-file");
    expect(ended.screen).toContain("--from-env");
    expect(ended.screen).toContain("clear the history");
    expect(ended.screen).not.toContain("canary");
    expect(fake.requests).toEqual([]);
  },
);

test("a missing name says where to give it", async () => {
  const ended = await corral("secret list", { cwd: emptyDirectory() });
  expect(ended).toMatchObject({
    code: 2,
    stderr: "error: Required Worker name missing. Give it in the config file or with --name W.\n",
  });
});

test("an absent secret is named with near names", async () => {
  fake.worker("w", { API_KEY: "1", OTHER: "2" });
  const ended = await corral("secret delete API_KEZ --yes");
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain('error: There is no secret API_KEZ on the Worker "w".\nhint: There is: API_KEY\n');
  const version = await corral("versions secret delete API_KEZ --yes");
  expect(version).toMatchObject({ code: 1, stderr: expect.stringContaining("hint: There is: API_KEY") as unknown });
});

test.each([
  ["plain_text", "variable"],
  ["json", "JSON variable"],
  ["service", "service"],
])("a name that a %s has is told as a %s", async (type, word) => {
  fake.worker("w", {}, [{ name: "K", type }]);
  const ended = await corral("secret put K", { stdin: "value-of-it" });
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain(
    `error: The name K is already used by a ${word} of the Worker "w".\nhint: Remove it from the config, deploy, then put the secret.\n`,
  );
  const bulk = await corral("secret bulk", { stdin: "K=value-of-it" });
  expect(bulk.stderr).toContain(`error: The name K is already used by a ${word} of the Worker "w".`);
});

test("a value over the limit is told with both numbers", async () => {
  fake.worker("w");
  const ended = await corral("secret put K", { stdin: "x".repeat(70_000) });
  expect(ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("error: The value of K has 70,000 bytes; the limit is 65,536.\n") as unknown,
  });
});

test("a value without bounds is refused before it fills the memory", async () => {
  const chunks = Array.from({ length: 100 }, () => new Uint8Array(65_536));
  const ended = await corral("secret put K", { stdin: chunks });
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("more than 4 MiB") as unknown });
});

test("an empty value is refused unless it is meant", async () => {
  const worker = fake.worker("w");
  expect(await corral("secret put K", { stdin: "\n" })).toMatchObject({
    code: 1,
    stderr: "error: No value came from stdin.\nhint: If the empty value is meant: --allow-empty\n",
  });
  expect(await corral("secret put K --allow-empty", { stdin: "" })).toMatchObject({ code: 0 });
  expect(worker.secret("K")).toBe("");
});

test("values come from a file, a variable and a descriptor, and what was read is said", async () => {
  const worker = fake.worker("w");
  cwd = emptyDirectory({
    "wrangler.toml": 'name = "w"\n',
    "key.pem": "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n",
  });
  const file = await corral("secret put K --from-file key.pem");
  expect(file.stderr).toBe(
    'note: Read 56 bytes, 3 lines from "key.pem"; removed one line end at the end; looks like a PEM private key\n',
  );
  await corral("secret put K --from-env THE_KEY", { env: { ...fake.env, THE_KEY: "from-the-environment" } });
  expect(worker.secret("K")).toBe("from-the-environment");
  const both = await corral("secret put K --from-env A --from-file key.pem");
  expect(both).toMatchObject({ code: 2 });
  const unset = await corral("secret put K --from-env canary-value-typed-here");
  expect(unset).toMatchObject({ code: 2, stderr: "error: The environment variable that --from-env names is not set.\n" });
  const absent = await corral("secret put K --from-file canary-value-typed-here");
  expect(absent).toMatchObject({
    code: 2,
    stderr: "error: The file that --from-file names cannot be read.\nhint: Is it there, and may this user read it?\n",
  });
});

test("an absent Worker: list and delete say what to check, put and bulk how to create", async () => {
  const list = await corral("secret list");
  expect(list.stderr).toContain('error: Worker "w" not found.\nhint: Deploy it first, or check --name, --env and the account.\n');
  const put = await corral("secret put K", { stdin: "value-of-it" });
  expect(put.stderr).toContain("hint: To create it and add the secrets to it: --create\n");
});

test("a Worker without versions says what to do first", async () => {
  fake.worker("w").versions.length = 0;
  const ended = await corral("versions secret put K", { stdin: "value-of-it" });
  expect(ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('error: The Worker "w" has no versions yet.\n') as unknown,
  });
});

test("with --json a failure is a document too", async () => {
  const ended = await corral("secret list --json");
  expect(ended.code).toBe(1);
  expect(JSON.parse(ended.stdout)).toEqual({
    error: {
      message: 'Worker "w" not found.',
      exitCode: 1,
      code: 10007,
      places: [],
      hints: ["Deploy it first, or check --name, --env and the account."],
      requestId: "8f0000000000000a",
    },
  });
});

test("the event file is appended to, also on failure, and names no argument", async () => {
  const events = `${emptyDirectory()}/events`;
  const env = { ...fake.env, CORRAL_OUTPUT_FILE: events };
  await corral("secret put canary.name", { env, stdin: "canary-value" });
  await corral("secret put K", { env, stdin: "canary-value" });
  fake.worker("w");
  await corral("secret put K", { env, stdin: "canary-value" });
  const { readFileSync } = await import("node:fs");
  const text = readFileSync(events, "utf8");
  expect(text).not.toContain("canary");
  expect(
    text
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { type: string }).type),
  ).toEqual(["command-failed", "command-failed", "secret-put"]);
});

test("NO_COLOR and a dumb terminal are respected, a pipe has no colour, a terminal has", async () => {
  const red = "\u001b[1;31merror:\u001b[0m";
  const { NO_COLOR: _, ...env } = { ...fake.env, NO_COLOR: "" };
  expect((await corral("secret list", { env: { ...env, NO_COLOR: "" }, typed: [] })).stderr).toContain(red);
  expect((await corral("secret list", { env: { ...env, NO_COLOR: "1" }, typed: [] })).stderr).not.toContain("\u001b");
  expect((await corral("secret list", { env: { ...env, NO_COLOR: "", TERM: "dumb" }, typed: [] })).stderr).not.toContain(
    "\u001b",
  );
  expect((await corral("secret list", { env: { ...env, NO_COLOR: "" } })).stderr).not.toContain("\u001b");
});
