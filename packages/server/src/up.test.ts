import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, unlink } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FeedLog } from "@corral/contract";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { UpConfig } from "./config.ts";
import type { LogFields } from "./logs.ts";
import { StartError } from "./start-error.ts";
import { type Running, startUp } from "./up.ts";

let base = "";
let lines: LogFields[] = [];
let workerLogs: FeedLog[] = [];
let onLine: () => void = () => {};

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "up-"));
  lines = [];
  workerLogs = [];
});
afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

function start(changes: Partial<UpConfig> = {}, stopped = new AbortController().signal): Promise<Running> {
  const dataDirectory = changes.dataDirectory ?? join(base, "data");
  return startUp({
    config: { dataDirectory, apiPort: 0, workersPort: 0, kekFile: join(dataDirectory, "kek"), ...changes },
    log: {
      write(fields) {
        lines.push(fields);
        onLine();
      },
    },
    onWorkerLog(log) {
      workerLogs.push(log);
      onLine();
    },
    stopped,
  });
}

/** Resolves as soon as it holds; looked at with each line that is logged. */
function once(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    onLine = () => {
      if (holds()) resolve();
    };
    onLine();
  });
}

function askHello(running: Running, path = "/?text=x"): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, running.endpoints.workersUrl), { headers: { host: "hello.localhost" }, agent: false });
    asked.once("error", reject);
    asked.once("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asked.end();
  });
}

async function agentPid(): Promise<number> {
  const records = JSON.parse(await readFile(join(base, "data", "processes.json"), "utf8")) as { what: string; pid: number }[];
  return records.findLast(({ what }) => what === "agent")?.pid ?? 0;
}

test("a killed agent is back by itself, on the same port and with the same routes", async () => {
  const running = await start();
  const before = await askHello(running);
  const started = () => lines.filter(({ event }) => event === "runtime.started").length;
  const startedBefore = started();
  process.kill(await agentPid(), "SIGKILL");
  await once(() => lines.some(({ event }) => event === "agent.restarting") && started() > startedBefore);
  await expect.poll(() => askHello(running).catch(() => undefined), { timeout: 20_000 }).toEqual(before);
  await running.stop();
});

test("what a Worker logs arrives with its name, and without the values of its secrets", async () => {
  const running = await start();
  await askHello(running, "/?text=corral");
  await once(() => workerLogs.length > 0);
  expect(workerLogs[0]).toMatchObject({ workerName: "hello", level: "log", text: "signed 6 bytes" });
  await running.stop();
});

test("a taken port is refused by its number and variable, and nothing is left running", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const refused = await start({ apiPort: port }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(StartError);
  expect(refused).toMatchObject({ message: `Port ${port} is in use.`, hints: [expect.stringContaining("CORRAL_API_PORT")] });
  await expect(start({ workersPort: port })).rejects.toMatchObject({ code: "port.taken" });
  // The lock, the sockets and the agent are gone: the same data starts.
  const running = await start();
  expect((await askHello(running)).status).toBe(200);
  await running.stop();
  other.close();
});

test("asked to stop while it starts, it starts no further and leaves nothing behind", async () => {
  const stopped = new AbortController();
  const starting = start({}, stopped.signal);
  stopped.abort();
  await expect(starting).rejects.toThrow("stopped while starting");
  expect(existsSync(join(base, "data", "endpoints.json"))).toBe(false);
  expect(existsSync(join(base, "data", "run"))).toBe(false);
  const running = await start();
  await running.stop();
});

test("a data directory whose path is too long for sockets works all the same", async () => {
  const dataDirectory = join(base, "d".repeat(60), "e".repeat(60));
  await mkdir(join(base, "d".repeat(60)));
  const running = await start({ dataDirectory });
  expect((await askHello(running)).status).toBe(200);
  await running.stop();
});

test("a lost token file is replaced by a new token; the key file is not replaced", async () => {
  const first = await start();
  const { tokenFile, apiUrl, accountId } = first.endpoints;
  const lost = await readFile(tokenFile, "utf8");
  await first.stop();
  await unlink(tokenFile);
  const second = await start();
  const token = (await readFile(tokenFile, "utf8")).trim();
  expect(token).not.toBe(lost.trim());
  expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
  const { status } = await fetch(`${second.endpoints.apiUrl}/accounts/${accountId}/workers/scripts`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(status).toBe(200);
  expect(apiUrl).toMatch(/^http:\/\/127\.0\.0\.1:/);
  await second.stop();
  await unlink(join(base, "data", "kek"));
  await expect(start()).rejects.toMatchObject({ code: "kek.missing" });
  expect(existsSync(join(base, "data", "kek"))).toBe(false);
});

test("an older database put back is noticed, and served once the operator has removed what the node remembers", async () => {
  const data = join(base, "data");
  const first = await start();
  const before = await askHello(first);
  await first.stop();
  await copyFile(join(data, "corral.db"), join(base, "backup.db"));

  const second = await start();
  const token = (await readFile(second.endpoints.tokenFile, "utf8")).trim();
  const { apiUrl, accountId } = second.endpoints;
  const put = await fetch(`${apiUrl}/accounts/${accountId}/workers/scripts/hello/secrets`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "SIGNING_KEY", text: "another-value", type: "secret_text" }),
  });
  expect(put.status).toBe(200);
  await expect.poll(() => askHello(second), { timeout: 20_000 }).not.toEqual(before);
  await second.stop();

  await copyFile(join(base, "backup.db"), join(data, "corral.db"));
  const third = await start();
  await once(() => lines.some(({ event }) => event === "deployment.failed"));
  expect((await askHello(third)).text).not.toBe(before.text);
  await third.stop();
  await rm(join(data, "node"), { recursive: true });
  const fourth = await start();
  expect(await askHello(fourth)).toEqual(before);
  await fourth.stop();
});
