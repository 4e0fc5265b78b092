/** The transcripts of the order text, in the canonical strings of messages: byte for byte. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FakeCloudflare } from "./testing/fake-cloudflare.ts";
import { emptyDirectory, runCli, type RunOptions } from "./testing/run-cli.ts";

const W = "my-worker";
let fake: FakeCloudflare;
let cwd: string;

beforeAll(async () => {
  fake = await FakeCloudflare.start();
});
afterAll(async () => fake[Symbol.asyncDispose]());
beforeEach(() => {
  fake.workers.clear();
  fake.requests.length = 0;
  cwd = emptyDirectory({ "wrangler.toml": 'name = "my-worker"\n' });
});

const corral = (line: string, options: RunOptions = {}) => runCli(line.split(" "), { cwd, env: fake.env, ...options });

describe("secret put", () => {
  test("asks for the value, hides it, and says what it did", async () => {
    const worker = fake.worker(W);
    const ended = await corral("secret put API_KEY", { typed: ["my-secret-value\r"] });
    expect(ended.screen).toBe(
      'Enter a secret value: ********\n🌀 Creating the secret for the Worker "my-worker"\n✨ Success! Uploaded secret API_KEY\n',
    );
    expect(ended.stdout).toBe('🌀 Creating the secret for the Worker "my-worker"\n✨ Success! Uploaded secret API_KEY\n');
    expect(ended.code).toBe(0);
    expect(ended.raw).toEqual([true, false]);
    expect(worker.secret("API_KEY")).toBe("my-secret-value");
  });

  test("takes the value from stdin without echo's line end, and says so", async () => {
    const worker = fake.worker(W);
    const ended = await corral("secret put API_KEY", { stdin: "my-secret-value\n" });
    expect(ended.stdout).toBe('🌀 Creating the secret for the Worker "my-worker"\n✨ Success! Uploaded secret API_KEY\n');
    expect(ended.stderr).toBe("note: Read 16 bytes, 1 lines from stdin; removed one line end at the end\n");
    expect(worker.secret("API_KEY")).toBe("my-secret-value");
  });
});

describe("secret bulk", () => {
  const files = {
    "secrets.json": '{\n"API_KEY" : "abc12345" ,\n"DATABASE_URL" : "postgres://u:p@h/d" ,\n"STRIPE_KEY" : "sk_test_0"\n}\n',
    ".env.production": "API_KEY = abc12345\nDATABASE_URL = postgres://u:p@h/d\nSTRIPE_KEY = sk_test_0\n",
  };
  const done =
    '🌀 Processing the secrets for the Worker "my-worker"\n' +
    "✨ Successfully created secret for key: API_KEY\n" +
    "✨ Successfully created secret for key: DATABASE_URL\n" +
    "✨ Successfully created secret for key: STRIPE_KEY\n" +
    "Finished processing secrets file:\n✨ 3 secrets successfully created\n";

  beforeEach(() => {
    cwd = emptyDirectory({ "wrangler.toml": 'name = "my-worker"\n', ...files });
  });

  test.each(["secrets.json", ".env.production"])("reads %s", async (file) => {
    const worker = fake.worker(W);
    const ended = await corral(`secret bulk ${file}`);
    expect(ended).toMatchObject({ code: 0, stdout: done, stderr: "" });
    expect(["API_KEY", "DATABASE_URL", "STRIPE_KEY"].map((name) => worker.secret(name))).toEqual([
      "abc12345",
      "postgres://u:p@h/d",
      "sk_test_0",
    ]);
    expect(fake.changes()).toHaveLength(1);
  });

  test("reads the same from stdin", async () => {
    fake.worker(W);
    expect(await corral("secret bulk", { stdin: files["secrets.json"] })).toMatchObject({ code: 0, stdout: done, stderr: "" });
  });

  test("says where broken JSON is broken, and nothing of what is there", async () => {
    fake.worker(W);
    cwd = emptyDirectory({ "secrets.json": '{\n  "A": "x",\n  "B": "canary-b",\n  "C": "abc" oops\n}' });
    const ended = await corral(`secret bulk secrets.json --name ${W}`);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toBe(
      'error: The contents of "secrets.json" is not valid JSON.\n  secrets.json:4:14  expected "," or "}"\n' +
        "hint: Validate the JSON, or use .env format: NAME=value\n",
    );
    expect(fake.requests).toEqual([]);
  });
});

describe("secret list", () => {
  test("prints names only", async () => {
    fake.worker(W, { STRIPE_KEY: "1", API_KEY: "2", DATABASE_URL: "3" });
    const ended = await corral("secret list");
    expect(ended.stdout).toBe("Secret Name: API_KEY\nSecret Name: DATABASE_URL\nSecret Name: STRIPE_KEY\n");
  });

  test.each(["--format json", "--json"])("prints JSON for %s", async (flag) => {
    fake.worker(W, { API_KEY: "2", DATABASE_URL: "3" });
    const ended = await corral(`secret list ${flag}`);
    expect(ended.stdout).toBe(
      '[\n  {\n    "name": "API_KEY",\n    "type": "secret_text"\n  },\n  {\n    "name": "DATABASE_URL",\n    "type": "secret_text"\n  }\n]\n',
    );
  });

  test("says that there is none", async () => {
    fake.worker(W);
    expect((await corral("secret list")).stdout).toBe('No secrets on the Worker "my-worker".\n');
  });
});

describe("secret delete", () => {
  const question = "? Are you sure you want to permanently delete the secret API_KEY on the Worker my-worker? (y/N) ";
  const done = "🌀 Deleting the secret API_KEY on the Worker my-worker\n✨ Success! Deleted secret API_KEY\n";

  test("asks, and deletes on yes", async () => {
    const worker = fake.worker(W, { API_KEY: "1" });
    const ended = await corral("secret delete API_KEY", { typed: ["y\n"] });
    expect(ended).toMatchObject({ code: 0, screen: question + done, stdout: done });
    expect(worker.secret("API_KEY")).toBeUndefined();
  });

  test.each(["\n", "n\n", "no\n"])("changes nothing on %j", async (typed) => {
    fake.worker(W, { API_KEY: "1" });
    const ended = await corral("secret delete API_KEY", { typed: [typed] });
    expect(ended).toMatchObject({ code: 3, screen: `${question}Nothing was deleted.\n`, stdout: "" });
    expect(fake.changes()).toEqual([]);
  });

  test("needs --yes without a terminal", async () => {
    fake.worker(W, { API_KEY: "1" });
    const ended = await corral("secret delete API_KEY");
    expect(ended).toMatchObject({ code: 2, stderr: "error: Deleting a secret needs --yes when there is no terminal to ask.\n" });
    expect(await corral("secret delete API_KEY --yes")).toMatchObject({ code: 0, stdout: done });
  });
});

describe("versions secret", () => {
  const arrow = '➡️  To deploy this version to production traffic use the command "corral versions deploy".\n';

  test("put makes a version and deploys nothing", async () => {
    const worker = fake.worker(W);
    const ended = await corral("versions secret put API_KEY", { typed: ["my-secret-value\r"] });
    const { id, annotations } = worker.versions[0] ?? { id: "", annotations: {} };
    expect(ended.screen).toBe(
      `Enter a secret value: ********\n🌀 Creating the secret for the Worker "my-worker"\n✨ Success! Created version ${id} with secret API_KEY.\n${arrow}`,
    );
    expect(annotations).toEqual({ "workers/message": 'Updated secret "API_KEY"' });
    expect([worker.versions.length, worker.deployments.length]).toEqual([2, 1]);
  });

  test("bulk deletes what is null and counts both", async () => {
    const worker = fake.worker(W, { OLD: "1" });
    const ended = await corral("versions secret bulk", { stdin: '{"NEW": "abcdefgh", "OLD": null}' });
    expect(ended.stdout).toBe(
      '🌀 Processing the secrets for the Worker "my-worker"\n💥 Successfully deleted secret for key: OLD\n' +
        "✨ Successfully created secret for key: NEW\nFinished processing secrets file:\n" +
        "💥 1 secret successfully deleted\n✨ 1 secret successfully created\n" +
        `✨ Success! Created version ${worker.newest?.id} with 1 secrets created and 1 secrets deleted.\n${arrow}`,
    );
    expect([worker.secret("OLD"), worker.secret("NEW"), worker.deployments.length]).toEqual([undefined, "abcdefgh", 1]);
  });

  test("delete asks and makes a version", async () => {
    const worker = fake.worker(W, { API_KEY: "1" });
    const ended = await corral("versions secret delete API_KEY", { typed: ["y\n"] });
    expect(ended.screen).toBe(
      "? Are you sure you want to permanently delete the secret API_KEY on the Worker my-worker? (y/N) " +
        "🌀 Deleting the secret API_KEY on the Worker my-worker\n" +
        `✨ Success! Created version ${worker.newest?.id} with deleted secret API_KEY.\n${arrow}`,
    );
    expect(worker.deployments).toHaveLength(1);
  });

  test("list shows every live version, larger share first, and points at a newer draft", async () => {
    const worker = fake.worker(W, { API_KEY: "1", OLD_DATABASE_URL: "2" });
    const old = worker.newest?.id ?? "";
    const next = worker.version(new Map(["API_KEY", "DATABASE_URL"].map((name) => [name, { name, type: "secret_text" }]))).id;
    worker.deploy([
      { version_id: old, percentage: 20 },
      { version_id: next, percentage: 80 },
    ]);
    const blocks =
      `-- Version ${next} (80%) secrets --\nSecret Name: API_KEY\nSecret Name: DATABASE_URL\n\n` +
      `-- Version ${old} (20%) secrets --\nSecret Name: API_KEY\nSecret Name: OLD_DATABASE_URL\n`;
    expect(await corral("versions secret list")).toMatchObject({ code: 0, stdout: blocks, stderr: "" });
    const draft = worker.version(
      new Map(["API_KEY", "DATABASE_URL", "NEW_FEATURE_KEY"].map((name) => [name, { name, type: "secret_text" }])),
    ).id;
    expect(await corral("versions secret list")).toMatchObject({
      stdout: blocks,
      stderr: `note: Version ${draft} is newer and not deployed; see --latest-version.\n`,
    });
    expect(await corral("versions secret list --latest-version")).toMatchObject({
      stdout: `-- Version ${draft} (0%) secrets --\nSecret Name: API_KEY\nSecret Name: DATABASE_URL\nSecret Name: NEW_FEATURE_KEY\n`,
      stderr: "",
    });
  });
});

describe("environments", () => {
  test.each(["production", "staging", "dev"])("--env %s is a Worker of its own", async (env) => {
    cwd = emptyDirectory({ "wrangler.toml": 'name = "my-worker"\n[env.production]\n[env.staging]\n[env.dev]\n' });
    const worker = fake.worker(`${W}-${env}`);
    const ended = await corral(`secret put API_KEY --env ${env}`, { stdin: "value-of-it" });
    expect(ended.stdout).toBe(`🌀 Creating the secret for the Worker "my-worker-${env}"\n✨ Success! Uploaded secret API_KEY\n`);
    expect(worker.secret("API_KEY")).toBe("value-of-it");
  });

  test("none chosen where there are several is pointed out", async () => {
    cwd = emptyDirectory({ "wrangler.toml": 'name = "my-worker"\n[env.production]\n[env.staging]\n' });
    fake.worker(W);
    expect((await corral("secret list")).stderr).toBe(
      "note: Several environments are configured and none is chosen; using the top level. Choose with --env.\n",
    );
  });
});

describe("troubleshooting", () => {
  const question = `? There doesn't seem to be a Worker called "my-worker". Do you want to create a new Worker with that name and add secrets to it? (Y/n) `;

  test("an absent Worker is offered to be created", async () => {
    const ended = await corral("secret put API_KEY", { typed: ["my-secret-value\r", "\n"] });
    expect(ended.screen).toBe(
      `Enter a secret value: ********\n🌀 Creating the secret for the Worker "my-worker"\n${question}🌀 Creating new Worker "my-worker"...\n✨ Success! Uploaded secret API_KEY\n`,
    );
    expect(fake.workers.get(W)?.secret("API_KEY")).toBe("my-secret-value");
  });

  test("declining adds nothing", async () => {
    const ended = await corral("secret put API_KEY", { typed: ["my-secret-value\r", "n\n"] });
    expect(ended.code).toBe(3);
    expect(ended.screen.endsWith(`${question}Aborting. No secrets added.\n`)).toBe(true);
    expect(fake.workers.size).toBe(0);
  });

  test("without a terminal an absent Worker is an error with near names", async () => {
    fake.worker("my-workers");
    const ended = await corral("secret put API_KEY", { stdin: "my-secret-value" });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('error: Worker "my-worker" not found.\nhint: There is: my-workers\nhint: To create it');
    expect(fake.workers.size).toBe(1);
  });

  test("a draft in the way is named, with its author, its age and what helps", async () => {
    const worker = fake.worker(W, { API_KEY: "1" });
    const live = worker.newest?.id;
    const draft = worker.version(new Map(), {});
    Object.assign(draft, { createdOn: new Date(Date.now() - 7_300_000).toISOString() });
    const ended = await corral("secret put API_KEY", { stdin: "my-secret-value" });
    expect(ended.code).toBe(1);
    expect(ended.stderr.split("\n").slice(1)).toEqual([
      "error: Secret edit failed. You attempted to modify a secret, but the latest version of your Worker isn't currently deployed.",
      `hint: Version ${draft.id}, uploaded by dev@example.com 2 hours ago, is newer than what is live: ${live} (100%).`,
      "hint: Without deploying: corral versions secret put API_KEY",
      `hint: Deploy it first: corral versions deploy ${draft.id}@100%`,
      "request: 8f0000000000000a",
      "",
    ]);
  });
});
