/** Prompts on a real pseudo-terminal. */
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FakeCloudflare } from "./testing/fake-cloudflare.ts";
import { emptyDirectory } from "./testing/run-cli.ts";
import { corralLine, hasScript, openTerminal } from "./testing/terminal.ts";

let fake: FakeCloudflare;
let cwd: string;
let home: string;

beforeAll(async () => {
  fake = await FakeCloudflare.start();
});
afterAll(async () => fake[Symbol.asyncDispose]());
beforeEach(() => {
  fake.workers.clear();
  fake.requests.length = 0;
  cwd = emptyDirectory({ "wrangler.toml": 'name = "my-worker"\n' });
  home = emptyDirectory();
});

const open = (line: string, env: Readonly<Record<string, string>> = {}) =>
  openTerminal(line, { cwd, env: { ...fake.env, HOME: home, TMPDIR: home, NODE_DISABLE_COMPILE_CACHE: "1", ...env } });
const start = (words: string, env: Readonly<Record<string, string>> = {}) => open(corralLine(words), env);

describe.skipIf(!hasScript)("on a pseudo-terminal (needs util-linux script)", () => {
  test("secret put shows the transcript of the order text, byte for byte", async () => {
    const worker = fake.worker("my-worker");
    const session = start("secret put API_KEY");
    await session.waitFor("Enter a secret value: ");
    session.type("my-secret-value\r");
    expect(await session.ended).toBe(0);
    expect(session.screen()).toBe(
      'Enter a secret value: ********\n🌀 Creating the secret for the Worker "my-worker"\n✨ Success! Uploaded secret API_KEY\n',
    );
    expect(worker.secret("API_KEY")).toBe("my-secret-value");
  });

  test("versions secret put and delete, and an absent Worker, byte for byte", async () => {
    const worker = fake.worker("my-worker");
    const arrow = '➡️  To deploy this version to production traffic use the command "corral versions deploy".\n';
    const put = start("versions secret put API_KEY");
    await put.waitFor("Enter a secret value: ");
    put.type("my-secret-value\r");
    expect(await put.ended).toBe(0);
    expect(put.screen()).toBe(
      `Enter a secret value: ********\n🌀 Creating the secret for the Worker "my-worker"\n✨ Success! Created version ${worker.newest?.id} with secret API_KEY.\n${arrow}`,
    );
    const removal = start("versions secret delete API_KEY");
    await removal.waitFor("(y/N) ");
    removal.type("y\r");
    expect(await removal.ended).toBe(0);
    expect(removal.screen()).toBe(
      "? Are you sure you want to permanently delete the secret API_KEY on the Worker my-worker? (y/N) y\n" +
        `🌀 Deleting the secret API_KEY on the Worker my-worker\n✨ Success! Created version ${worker.newest?.id} with deleted secret API_KEY.\n${arrow}`,
    );
    fake.workers.clear();
    const absent = start("secret put API_KEY");
    await absent.waitFor("Enter a secret value: ");
    absent.type("my-secret-value\r");
    await absent.waitFor("(Y/n) ");
    absent.type("n\r");
    expect(await absent.ended).toBe(3);
    expect(absent.screen()).toBe(
      'Enter a secret value: ********\n🌀 Creating the secret for the Worker "my-worker"\n' +
        `? There doesn't seem to be a Worker called "my-worker". Do you want to create a new Worker with that name and add secrets to it? (Y/n) n\nAborting. No secrets added.\n`,
    );
  });

  test("CI=1 does not keep a terminal from being asked", async () => {
    const worker = fake.worker("my-worker");
    const session = start("secret put API_KEY", { CI: "1" });
    await session.waitFor("Enter a secret value: ");
    session.type("in-ci-on-a-terminal\r");
    expect(await session.ended).toBe(0);
    expect(worker.secret("API_KEY")).toBe("in-ci-on-a-terminal");
  });

  test("a value and an answer typed ahead both arrive", async () => {
    const session = start("secret put API_KEY");
    await session.waitFor("Enter a secret value: ");
    session.type("typed-ahead-value\r");
    await session.waitFor("(Y/n) ");
    session.type("y\r");
    expect(await session.ended).toBe(0);
    expect(fake.workers.get("my-worker")?.secret("API_KEY")).toBe("typed-ahead-value");
  });

  test("secret delete asks, and no is the default", async () => {
    const worker = fake.worker("my-worker", { API_KEY: "1" });
    const session = start("secret delete API_KEY");
    await session.waitFor("(y/N) ");
    session.type("\r");
    expect(await session.ended).toBe(3);
    expect(session.screen()).toBe(
      "? Are you sure you want to permanently delete the secret API_KEY on the Worker my-worker? (y/N) \nNothing was deleted.\n",
    );
    expect(worker.secret("API_KEY")).toBe("1");
  });

  const settings = "; echo rc=$?; stty -a";

  test("Ctrl-C at the hidden prompt ends with 130, restores the terminal and leaves nothing", async () => {
    fake.worker("my-worker");
    const session = open(`trap : INT; ${corralLine("secret put API_KEY")}${settings}`);
    await session.waitFor("Enter a secret value: ");
    session.type("half-a-canary");
    session.type("\u0003");
    await session.ended;
    expect(session.screen()).toContain("rc=130\n");
    expect(session.screen()).toMatch(/(^|\s)icanon\b/);
    expect(session.screen()).toMatch(/(^|\s)echo\b/);
    expect(session.screen()).not.toContain("canary");
    expect(fake.requests).toEqual([]);
    expect(readdirSync(home)).toEqual([]);
    expect(readdirSync(cwd)).toEqual(["wrangler.toml"]);
  });

  test("Ctrl-C at a question ends with 130", async () => {
    fake.worker("my-worker", { API_KEY: "1" });
    const session = open(`trap : INT; ${corralLine("secret delete API_KEY")}${settings}`);
    await session.waitFor("(y/N) ");
    session.type("\u0003");
    await session.ended;
    expect(session.screen()).toContain("rc=130\n");
    expect(fake.changes()).toEqual([]);
  });

  test.each(["SIGTERM", "SIGHUP"] as const)("%s at the hidden prompt restores the terminal", async (signal) => {
    fake.worker("my-worker");
    // The shell says its child's pid before it becomes `corral`.
    const session = open(`sh -c 'echo pid=$$; exec ${corralLine("secret put API_KEY").replaceAll("'", "")}'${settings}`);
    await session.waitFor("Enter a secret value: ");
    const pid = Number(/pid=(\d+)/.exec(session.screen())?.[1]);
    process.kill(pid, signal);
    await session.ended;
    expect(session.screen()).toMatch(/rc=1(43|29)\n/);
    expect(session.screen()).toMatch(/(^|\s)icanon\b/);
    expect(session.screen()).toMatch(/(^|\s)echo\b/);
  });
});
