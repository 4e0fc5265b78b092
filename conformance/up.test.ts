/** `./corral up` as scripts rely on it: start, stop, start again, and what it refuses. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isRunning, processTree, type RunningCorral, send, startCorral, StartFailed, temporaryDirectory } from "@corral/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digests, eventually, see } from "./support/probe.ts";
import { secretValue, sweepValues } from "./support/values.ts";
import { patchVersion, putSecret, putWorker } from "./support/wire.ts";

/** Every file with its content's length and time: what "touches nothing" is compared by. */
function listing(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { size, mtimeMs, mode } = statSync(path);
      return `${path} ${size} ${mtimeMs} ${mode}`;
    })
    .toSorted();
}

async function refusal(dataDirectory: string, env: Readonly<Record<string, string>> = {}): Promise<StartFailed> {
  try {
    const started = await startCorral({ dataDirectory, env });
    await started.kill();
  } catch (error) {
    if (error instanceof StartFailed) return error;
    throw error;
  }
  throw new Error("it started");
}

describe("a running Corral", () => {
  let corral: RunningCorral;

  beforeAll(async () => {
    corral = await startCorral();
  });

  afterAll(async () => {
    await corral?.[Symbol.asyncDispose]();
  });

  test("writes endpoints.json for its owner alone, with the six fields that scripts read", () => {
    const path = join(corral.dataDirectory, "endpoints.json");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const endpoints = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    expect(endpoints).toEqual({
      apiUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/client\/v4$/),
      workersUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
      accountId: expect.stringMatching(/^[0-9a-f]{32}$/),
      tokenFile: expect.any(String),
      pid: expect.any(Number),
    });
    expect(isRunning(corral.pid)).toBe(true);
    expect(statSync(String(endpoints["tokenFile"])).mode & 0o777).toBe(0o600);
  });

  test("keeps everything to its owner", () => {
    for (const entry of readdirSync(corral.dataDirectory, { recursive: true, withFileTypes: true })) {
      if (entry.isSocket()) continue;
      expect(statSync(join(entry.parentPath, entry.name)).mode & 0o077, entry.name).toBe(0);
    }
  });

  test("has deployed the example, which signs with a secret and never shows it", async () => {
    const answer = await corral.ask("hello", "/?text=corral");
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({ text: "corral", signature: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test("prints what to type next", async () => {
    const printed = await eventually(
      () => Promise.resolve(corral.logs()),
      (logs) => logs.includes("Ctrl-C stops it."),
    );
    expect(printed).toContain('eval "$(./corral env)"');
    expect(printed).toMatch(/wrangler(@[0-9.]+)? secret put SIGNING_KEY/);
  });

  test("answers an unknown host with a plain 404", async () => {
    const answer = await corral.ask("nobody");
    expect(answer.status).toBe(404);
    expect(answer.text.length).toBeLessThan(500);
    expect((await corral.ask("example.com")).status).toBe(404);
  });

  test("refuses a token it does not know, and listens on loopback alone", async () => {
    const url = `${corral.apiUrl}/accounts/${corral.accountId}/workers/scripts/hello/secrets`;
    const { status } = await send(url, { headers: { authorization: `Bearer ${"x".repeat(40)}` } });
    expect([401, 403]).toContain(status);
    expect(new URL(corral.apiUrl).hostname).toBe("127.0.0.1");
  });

  test("a second one on the same data refuses and says why, and the first goes on", async () => {
    const before = readFileSync(join(corral.dataDirectory, "endpoints.json"), "utf8");
    const refused = await refusal(corral.dataDirectory);
    expect(refused.ended.code).not.toBe(0);
    expect(refused.output).toContain("Another Corral is running on this data directory");
    expect(refused.output).not.toMatch(/^\s+at /m);
    expect(readFileSync(join(corral.dataDirectory, "endpoints.json"), "utf8")).toBe(before);
    expect((await corral.ask("hello")).status).toBe(200);
  });

  test("brings a killed workerd back with the same routes", async () => {
    const runtimes = processTree(corral.pid).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("workerd"));
    const signature = (await corral.ask("hello", "/?text=again")).text;
    expect(runtimes.length).toBeGreaterThan(0);
    for (const pid of runtimes) process.kill(pid, "SIGKILL");
    const back = await eventually(
      () => corral.ask("hello", "/?text=again"),
      ({ status }) => status === 200,
    );
    expect(back.text).toBe(signature);
  });
});

describe("stopping", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s drains, ends every process, exits 0 and removes endpoints.json",
    async (signal) => {
      const corral = await startCorral();
      const processes = processTree(corral.pid);
      expect(processes.length).toBeGreaterThan(2);
      expect(await corral.stop(signal)).toEqual({ code: 0, signal: null });
      expect(existsSync(join(corral.dataDirectory, "endpoints.json"))).toBe(false);
      expect(processes.filter(isRunning)).toEqual([]);
      rmSync(corral.dataDirectory, { recursive: true });
    },
  );

  test("a second signal meanwhile changes nothing, and a request under way is answered", async () => {
    const corral = await startCorral();
    await putWorker(
      corral,
      "slow",
      {},
      `export default { async fetch() { await scheduler.wait(700); return new Response("late"); } };`,
    );
    await eventually(
      () => corral.ask("slow"),
      ({ status }) => status === 200,
    );
    const late = corral.ask("slow");
    const other = await corral.ask("hello");
    expect(other.status).toBe(200);
    process.kill(corral.pid, "SIGINT");
    process.kill(corral.pid, "SIGINT");
    process.kill(corral.pid, "SIGTERM");
    expect(await late).toMatchObject({ status: 200, text: "late" });
    expect(await corral.ended).toEqual({ code: 0, signal: null });
    expect(existsSync(join(corral.dataDirectory, "endpoints.json"))).toBe(false);
    await corral.stop();
    rmSync(corral.dataDirectory, { recursive: true });
  });

  test("kill -9 of the parent ends the agent and workerd too, and the next start has the data", async () => {
    const corral = await startCorral();
    const [, ...children] = processTree(corral.pid);
    process.kill(corral.pid, "SIGKILL");
    await corral.ended;
    await eventually(
      () => Promise.resolve(children.filter(isRunning)),
      (left) => left.length === 0,
    );
    const again = await startCorral({ dataDirectory: corral.dataDirectory });
    expect((await again.ask("hello")).status).toBe(200);
    await again[Symbol.asyncDispose]();
  });
});

describe("a second start on the same data", () => {
  test("resumes account, token, Workers, secrets, shares and signatures", async () => {
    const first = await startCorral();
    await putWorker(first, "kept");
    await putSecret(first, "kept", "KEY", secretValue("kept"));
    const draft = await patchVersion(first, "kept", { KEY: secretValue("draft") });
    const signature = (await first.ask("hello", "/?text=x")).text;
    await eventually(
      () => see(first, "kept"),
      ({ env }) => "KEY" in env,
    );
    await first.stop();

    const second = await startCorral({ dataDirectory: first.dataDirectory });
    expect(second.accountId).toBe(first.accountId);
    expect(second.token).toBe(first.token);
    expect((await second.ask("hello", "/?text=x")).text).toBe(signature);
    expect((await see(second, "kept")).env).toEqual(digests({ KEY: secretValue("kept") }));
    const { items } = await second.must<{ items: { id: string }[] }>("GET", "/workers/scripts/kept/versions");
    expect(items[0]?.id).toBe(draft);
    expect(sweepValues(second)).toEqual([]);
    await second[Symbol.asyncDispose]();
  });
});

describe("the key file", () => {
  let dataDirectory = "";
  const kek = (): string => join(dataDirectory, "kek");

  beforeAll(async () => {
    const corral = await startCorral();
    dataDirectory = corral.dataDirectory;
    await corral.stop();
  });

  afterAll(() => rmSync(dataDirectory, { recursive: true, force: true }));

  /** Starts on the data as it is now; `touched` is what differs afterwards. */
  async function attempt(): Promise<{ code: number | null; output: string; touched: string[] }> {
    const before = listing(dataDirectory);
    const { ended, output } = await refusal(dataDirectory);
    const after = listing(dataDirectory);
    return { code: ended.code, output, touched: after.filter((line) => !before.includes(line)) };
  }

  const refusedFor = (reason: string): object => ({
    code: 1,
    output: expect.stringMatching(new RegExp(`${reason}[^]*${dataDirectory}/kek`)),
    touched: [],
  });

  test("is made at the first start, for its owner alone", () => {
    expect(statSync(kek()).mode & 0o777).toBe(0o600);
  });

  test("missing: refuses, says which, touches nothing", async () => {
    renameSync(kek(), `${dataDirectory}.kek`);
    expect(await attempt()).toEqual(refusedFor("key file is missing"));
    renameSync(`${dataDirectory}.kek`, kek());
  });

  test("readable by others: refuses, says which, touches nothing", async () => {
    chmodSync(kek(), 0o644);
    expect(await attempt()).toEqual(refusedFor("can be read by other users"));
    chmodSync(kek(), 0o600);
  });

  test("of another installation: refuses, says which, touches nothing", async () => {
    const other = await startCorral();
    await other.stop();
    const own = readFileSync(kek());
    writeFileSync(kek(), readFileSync(join(other.dataDirectory, "kek")), { mode: 0o600 });
    expect(await attempt()).toEqual(refusedFor("does not belong to this data"));
    writeFileSync(kek(), own);
    rmSync(other.dataDirectory, { recursive: true });
  });

  test("damaged: refuses and does not quote it", async () => {
    const own = readFileSync(kek(), "utf8");
    writeFileSync(kek(), own.slice(0, -20));
    const refused = await attempt();
    expect(refused).toEqual(refusedFor("key file"));
    expect(refused.output).not.toContain(own.trim().slice(-40, -22));
    writeFileSync(kek(), own);
  });

  test("may lie apart from the data", async () => {
    const apart = temporaryDirectory("kek");
    mkdirSync(join(apart, "keys"), { mode: 0o700 });
    renameSync(kek(), join(apart, "keys", "kek"));
    const corral = await startCorral({ dataDirectory, env: { CORRAL_KEK_FILE: join(apart, "keys", "kek") } });
    expect((await corral.ask("hello")).status).toBe(200);
    await corral.stop();
    renameSync(join(apart, "keys", "kek"), kek());
    rmSync(apart, { recursive: true });
  });
});

describe("configuration", () => {
  test("a port that is none is refused by the name of its variable", async () => {
    const directory = temporaryDirectory("data");
    const refused = await refusal(directory, { CORRAL_API_PORT: "70000" });
    expect(refused.output).toContain("CORRAL_API_PORT");
    expect(refused.output).not.toContain("70000");
    expect(readdirSync(directory)).toEqual([]);
    rmSync(directory, { recursive: true });
  });
});
