/** The command line against a running Corral, with real Workers that are asked over HTTP. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type RunningCorral, startCorral } from "@corral/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleProgram, runProgram } from "./testing/program.ts";
import { emptyDirectory } from "./testing/run-cli.ts";

let running: RunningCorral;
let bundle: string;

beforeAll(async () => {
  bundle = bundleProgram();
  running = await startCorral();
});
afterAll(async () => running[Symbol.asyncDispose]());

const CODE = "export default { fetch: (_request, env) => Response.json(env) };";
const CONFIG = { name: "shop", main: "index.js", compatibility_date: "2026-11-01", env: { production: {} } };

function project(config: Readonly<Record<string, unknown>> = CONFIG, files: Readonly<Record<string, string | Uint8Array>> = {}) {
  const cwd = emptyDirectory({ "wrangler.json": JSON.stringify(config), "index.js": CODE, ...files });
  return async (line: string, input?: string) => {
    const env = { CORRAL_DATA: running.dataDirectory, HOME: cwd };
    return runProgram(bundle, line.split(" "), { cwd, env, ...(input === undefined ? {} : { input }) });
  };
}

async function answerOf(worker: string): Promise<unknown> {
  const answer = await running.ask(worker);
  return answer.status === 200 ? (JSON.parse(answer.text) as unknown) : answer.status;
}

test("the story of the order text: each command's effect is in the next request, without waiting for it", async () => {
  const corral = project();
  expect(await corral("secret put API_KEY", "before-code")).toMatchObject({ code: 1 });
  expect(await corral("secret put API_KEY --create", "before-code")).toMatchObject({ code: 0 });
  expect(await corral("deploy")).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/note: Live on 1 node after \d/) as unknown,
  });
  expect(await answerOf("shop")).toEqual({ API_KEY: "before-code" });
  expect(await corral("secret put API_KEY", "my-secret-value\n")).toMatchObject({ code: 0 });
  expect(await answerOf("shop")).toEqual({ API_KEY: "my-secret-value" });
  expect(await corral("secret bulk", '{"API_KEY": null, "A": "value-a", "B": "value-b"}')).toMatchObject({ code: 0 });
  expect(await answerOf("shop")).toEqual({ A: "value-a", B: "value-b" });
  expect(await corral("secret delete A --yes")).toMatchObject({ code: 0 });
  expect(await answerOf("shop")).toEqual({ B: "value-b" });

  const made = await corral("versions secret put B --json", "value-of-draft");
  const { version_id: draft } = JSON.parse(made.stdout) as { version_id: string };
  expect(await answerOf("shop")).toEqual({ B: "value-b" });
  const refused = await corral("secret put B", "another-value");
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`hint: Deploy it first: corral versions deploy ${draft}@100%`) as unknown,
  });
  const [live] = JSON.parse((await corral("versions secret list --json")).stdout) as [{ version_id: string }];
  expect(await corral(`versions deploy ${draft}@0% ${live.version_id}@100%`)).toMatchObject({ code: 0 });
  const overridden = await running.ask("shop", "/", { "Cloudflare-Workers-Version-Overrides": `shop="${draft}"` });
  expect(JSON.parse(overridden.text)).toEqual({ B: "value-of-draft" });
  expect(await corral(`versions deploy ${draft}`)).toMatchObject({ code: 0 });
  expect(await answerOf("shop")).toEqual({ B: "value-of-draft" });

  expect(await corral("deploy --env production")).toMatchObject({ code: 0 });
  expect(await answerOf("shop-production")).toEqual({});
  expect(await answerOf("shop")).toEqual({ B: "value-of-draft" });
});

test("rollback with old secrets, and with the current ones under the old code", async () => {
  const corral = project(
    { ...CONFIG, name: "rolling", vars: { CODE: "one" } },
    { "two.json": JSON.stringify({ ...CONFIG, name: "rolling", vars: { CODE: "two" } }) },
  );
  await corral("deploy --secrets-file - --input-format env", "KEY=first-value");
  const [{ version_id: first }] = JSON.parse((await corral("versions list --json")).stdout) as [{ version_id: string }];
  await corral("deploy --config two.json");
  await corral("secret put KEY", "second-value");
  expect(await answerOf("rolling")).toEqual({ CODE: "two", KEY: "second-value" });
  const refused = await corral(`rollback ${first}`);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("  KEY  changed\n") as unknown });
  expect(await corral(`rollback ${first} --secrets current`)).toMatchObject({ code: 0 });
  expect(await answerOf("rolling")).toEqual({ CODE: "one", KEY: "second-value" });
  expect(await corral(`rollback ${first} --secrets old`)).toMatchObject({ code: 0 });
  expect(await answerOf("rolling")).toEqual({ CODE: "one", KEY: "first-value" });
});

test("a secret that keeps the Worker from starting is told, and the old version serves on", async () => {
  const code =
    'import { env } from "cloudflare:workers"; if (env.KEY?.startsWith("bad")) throw new Error("no start"); export default { fetch: (_r, e) => Response.json(e) };';
  const corral = project({ ...CONFIG, name: "fragile" }, { "index.js": code });
  await corral("deploy");
  await corral("secret put KEY", "good-value");
  const broken = await corral("secret put KEY", "bad-canary-value");
  expect(broken.code).toBe(1);
  expect(broken.stderr).toMatch(/error: .*\n/);
  expect(broken.stdout + broken.stderr).not.toContain("canary");
  expect(await answerOf("fragile")).toEqual({ KEY: "good-value" });
});

test("old values are destroyed on request, with the versions that need them", async () => {
  const corral = project({ ...CONFIG, name: "destroyed" });
  await corral("deploy --secrets-file - --input-format env", "KEY=first-value");
  await corral("secret put KEY", "second-value");
  const dry = await corral("secret destroy KEY --dry-run --json");
  const { versions } = JSON.parse(dry.stdout) as { versions: string[] };
  expect(versions).toHaveLength(1);
  expect(await corral("secret destroy KEY")).toMatchObject({ code: 2 });
  expect(await corral("secret destroy KEY --yes")).toMatchObject({
    code: 0,
    stdout: "✨ Success! Destroyed the old values of KEY, and 1 version.\n",
  });
  expect(await corral(`versions view ${versions[0]}`)).toMatchObject({ code: 1 });
  expect(await answerOf("destroyed")).toEqual({ KEY: "second-value" });
  expect(await corral("secret destroy KEY --yes")).toMatchObject({
    code: 0,
    stdout: "There are no old values of KEY to destroy.\n",
  });
});

describe("deploy bundles what workerd runs", () => {
  const wasm = readFileSync(join(import.meta.dirname, "testing", "add.wasm"));

  test("TypeScript, text, data and wasm modules", async () => {
    const corral = project(
      { ...CONFIG, name: "modules", main: "src/index.ts" },
      {
        "src/index.ts":
          'import text from "./a.txt"; import data from "./b.bin"; import module from "./add.wasm"; import { twice } from "./lib";\nexport default { async fetch(): Promise<Response> { const { exports } = await WebAssembly.instantiate(module); return Response.json([text, new Uint8Array(data)[0], twice((exports as any).add(2, 3))]); } };',
        "src/lib.ts": "export const twice = (value: number): number => value * 2;",
        "src/a.txt": "text",
        "src/b.bin": Uint8Array.of(7),
        "src/add.wasm": wasm,
      },
    );
    expect(await corral("deploy")).toMatchObject({ code: 0 });
    expect(await answerOf("modules")).toEqual(["text", 7, 10]);
  });

  test("service-worker syntax with a wasm module", async () => {
    const corral = project(
      { ...CONFIG, name: "classic", main: "sw.js" },
      {
        "sw.js":
          'import module from "./add.wasm";\naddEventListener("fetch", (event) => event.respondWith((async () => { const { exports } = await WebAssembly.instantiate(module); return Response.json([exports.add(2, 3), KEY]); })()));',
        "add.wasm": wasm,
      },
    );
    expect(await corral("deploy --secrets-file - --input-format env", "KEY=global-value")).toMatchObject({ code: 0 });
    expect(await answerOf("classic")).toEqual([5, "global-value"]);
  });

  test("modules of Node, and code that is not bundled", async () => {
    const corral = project(
      { ...CONFIG, name: "noded", compatibility_flags: ["nodejs_compat"] },
      {
        "index.js":
          'import { join } from "path"; import { Buffer } from "node:buffer"; export default { fetch: () => Response.json([join("a", "b"), Buffer.from("x").toString("hex")]) };',
      },
    );
    expect(await corral("deploy")).toMatchObject({ code: 0 });
    expect(await answerOf("noded")).toEqual(["a/b", "78"]);
    const plain = project({ ...CONFIG, name: "plain" });
    expect(await plain("deploy --no-bundle")).toMatchObject({ code: 0 });
    expect(await answerOf("plain")).toEqual({});
  });

  test("a mistake at start-up is refused with the runtime's message", async () => {
    const corral = project({ ...CONFIG, name: "broken" }, { "index.js": "throw new Error('at the top'); export default {};" });
    const ended = await corral("deploy");
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/error: [\s\S]*at the top[\s\S]*\[code 10021\]\nrequest: /);
  });
});
