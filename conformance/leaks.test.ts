/** Random canaries go in by every door there is; nothing that a run leaves behind shows one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Canary,
  createSweep,
  makeCanaries,
  type Place,
  type RunningCorral,
  startCorral,
  sweep,
  temporaryDirectory,
  wranglerHome,
} from "@corral/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databaseFile } from "./support/database.ts";
import { type Doors, openApiDoors, openBrokenDoors, openWranglerDoors } from "./support/doors.ts";
import { eventually } from "./support/probe.ts";
import { listSecrets, putWorker } from "./support/wire.ts";

let corral: RunningCorral;
let temporary = "";
const canaries: Canary[] = [];
const printed: string[] = [];

beforeAll(async () => {
  temporary = temporaryDirectory("tmp");
  corral = await startCorral({ env: { TMPDIR: temporary } });
});

afterAll(async () => {
  await corral?.[Symbol.asyncDispose]();
  rmSync(temporary, { recursive: true });
});

function places(): Place[] {
  return [
    { directory: corral.dataDirectory },
    { directory: temporary },
    { directory: wranglerHome() },
    { pid: corral.pid },
    { what: "what ./corral up printed", text: corral.logs() },
    { what: "what stock clients printed", text: printed.join("\n") },
    { what: "answers", text: corral.answers.join("\n") },
    { what: "refusals", text: corral.answers.filter((answer) => /^4\d\d /.test(answer)).join("\n"), short: true },
  ];
}

function collect(doors: Doors): void {
  canaries.push(...doors.canaries);
  printed.push(...doors.printed);
  expect(doors.faults).toEqual([]);
}

describe("canaries", () => {
  test("go in by every door of the API", async () => {
    collect(await openApiDoors(corral, "api-doors"));
    expect(await listSecrets(corral, "api-doors")).toContain("BETA_PLAIN");
  });

  test("go in by every door of stock wrangler", async () => {
    collect(await openWranglerDoors(corral, "wrangler-doors"));
    expect(await listSecrets(corral, "wrangler-doors")).toContain("VERSION_BULK_ODD");
  });

  test("are beside every kind of mistake, which is refused by a 4xx", async () => {
    await putWorker(corral, "broken-doors");
    collect(await openBrokenDoors(corral, "broken-doors"));
    expect(await listSecrets(corral, "broken-doors")).toEqual([]);
  });

  test("are printed and thrown by a Worker, and what can be seen of it is redacted", async () => {
    const own = makeCanaries("LOGGED");
    canaries.push(...own);
    const code = `
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/throw") throw new Error("it was " + Object.values(env).join(" "));
    for (const [name, value] of Object.entries(env)) {
      console.log(name, value);
      console.error({ name, value });
      console.log(JSON.stringify({ name, value }), encodeURIComponent(value));
      console.warn("Authorization: Basic " + Buffer.from("user:" + value).toString("base64"), Buffer.from(value).toString("hex"));
    }
    console.log("all was printed");
    return new Response("printed");
  },
};`;
    const bindings = own.map(({ name, value }) => ({ type: "secret_text", name, text: value }));
    await putWorker(corral, "talker", { bindings, compatibility_flags: ["nodejs_compat"] }, code);
    await eventually(
      () => corral.ask("talker"),
      ({ status }) => status === 200,
    );
    expect((await corral.ask("talker", "/throw")).status).toBe(500);
    const logs = await eventually(
      async () => (await corral.ask("hello"), corral.logs()),
      (text) => text.includes("all was printed") && text.includes("it was"),
    );
    expect(logs).toContain("[REDACTED:LOGGED_PLAIN]");
  });

  test("are thrown at start-up by a new version, and the reason that is given is redacted", async () => {
    const own = makeCanaries("START");
    canaries.push(...own);
    const code = `
import { env } from "cloudflare:workers";
for (const value of Object.values(env)) { try { JSON.parse(value); } catch (error) { globalThis.problem = String(error); } }
throw new Error("start with " + Object.values(env).map((value) => value.slice(1, 9)).join(", ") + globalThis.problem);
export default { fetch() { return new Response("never"); } };`;
    const bindings = own.map(({ name, value }) => ({ type: "secret_text", name, text: value }));
    await expect(putWorker(corral, "thrower", { bindings }, code)).rejects.toThrow(/start with/);
    expect(corral.answers.filter((answer) => answer.includes("start with")).length).toBeGreaterThan(0);
  });
});

describe("the sweep", () => {
  test("finds none of them while Corral runs", () => {
    expect(canaries.length).toBeGreaterThan(80);
    expect(sweep(canaries, places())).toEqual([]);
  });

  test("finds none of them on the disk after kill -9", async () => {
    await corral.kill();
    expect(readdirSync(corral.dataDirectory)).toContain("kek");
    expect(sweep(canaries, [{ directory: corral.dataDirectory }, { directory: temporary }])).toEqual([]);
  });

  test("finds a leak that is planted in the data, the WAL, a log, an answer, an error and an environment", async () => {
    const [canary] = canaries;
    const value = canary?.value ?? "";
    const look = createSweep(canaries);
    const found = (planted: readonly Place[]): string[] => look(planted).map((finding) => finding.canary);
    const data = [{ directory: corral.dataDirectory }];

    const planted = join(corral.dataDirectory, "planted");
    writeFileSync(planted, `{"text":"${value}"}`);
    expect(found(data)).toContain(canary?.name);
    rmSync(planted);
    expect(found(data)).toEqual([]);

    appendFileSync(`${databaseFile(corral.dataDirectory)}-wal`, Buffer.from(Buffer.from(value).toString("base64")));
    expect(found(data)).toContain(canary?.name);

    expect(found([{ what: "a log", text: `2026-11-25 put ${value.slice(3, 12)}…` }])).toContain(canary?.name);
    expect(found([{ what: "an answer", text: JSON.stringify({ result: { name: "A", text: value } }) }])).toContain(canary?.name);
    expect(found([{ what: "an error", text: `Unexpected token in "${value.slice(0, 6)}"`, short: true }])).toContain(
      canary?.name,
    );

    const child = spawn("/bin/cat", [], { env: { LEAKED: value }, stdio: ["pipe", "ignore", "ignore"] });
    await once(child, "spawn");
    expect(found([{ pid: child.pid ?? 0 }])).toContain(canary?.name);
    child.stdin.end();
    await once(child, "exit");
  });
});
