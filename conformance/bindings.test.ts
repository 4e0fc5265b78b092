/** What a Worker finds in its env, through the whole chain: uploaded, sealed, served. */
import { createHmac } from "node:crypto";
import { fitsShares, randomWord, type RunningCorral, startCorral, type UploadPart, uploadForm } from "@corral/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "./support/probe.ts";
import { deployShares, newestVersion, patchVersion, putSecret, putWorker } from "./support/wire.ts";

let corral: RunningCorral;

beforeAll(async () => {
  corral = await startCorral();
});

afterAll(async () => {
  await corral?.[Symbol.asyncDispose]();
});

/** PUT S with these modules; the first one is the main module unless the metadata says otherwise. */
async function put(worker: string, metadata: object, modules: readonly UploadPart[]): Promise<void> {
  const form = uploadForm({ main_module: modules[0]?.name, compatibility_date: "2026-11-01", ...metadata }, modules);
  await corral.must("PUT", `/workers/scripts/${worker}`, form.body, form.headers);
}

async function answerOf(worker: string, path = "/"): Promise<unknown> {
  const { text } = await eventually(
    () => corral.ask(worker, path),
    ({ status }) => status === 200,
  );
  return JSON.parse(text);
}

const answering = (expression: string, before = ""): string =>
  `${before}\nexport default { async fetch(request, env, ctx) { return Response.json(await (async () => (${expression}))()); } };`;

/** `(module (func (export "answer") (result i32) i32.const 42))` */
const WASM = Buffer.from("0061736d010000000105016000017f03020100070a0106616e7377657200000a06010400412a0b", "hex");

describe("values", () => {
  test("plain_text, json, secret_text arrive as they were sent, and nothing else does", async () => {
    const bindings = [
      { type: "plain_text", name: "TEXT", text: "plain ü \u0001 text" },
      { type: "json", name: "JSON", json: { nested: [1, null, "x"], "": true } },
      { type: "secret_text", name: "SECRET", text: 'line\r\n"quoted" 漢字 \u2028' },
    ];
    await put("values", { bindings }, [{ name: "index.js", content: answering("({ ...env })") }]);
    expect(await answerOf("values")).toEqual({
      TEXT: "plain ü \u0001 text",
      JSON: { nested: [1, null, "x"], "": true },
      SECRET: 'line\r\n"quoted" 漢字 \u2028',
    });
  });

  test("secret_key is a CryptoKey that signs and cannot be taken out", async () => {
    const raw = Buffer.from("0123456789abcdef0123456789abcdef");
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const bindings = [
      { type: "secret_key", name: "KEY", format: "raw", algorithm, usages: ["sign"], key_base64: raw.toString("base64") },
    ];
    const code = answering(`{
      kind: env.KEY.constructor.name,
      extractable: env.KEY.extractable,
      exported: await crypto.subtle.exportKey("raw", env.KEY).then(() => "yes", () => "no"),
      mac: Array.from(new Uint8Array(await crypto.subtle.sign("HMAC", env.KEY, new TextEncoder().encode("corral")))),
    }`);
    await put("keyed", { bindings }, [{ name: "index.js", content: code }]);
    expect(await answerOf("keyed")).toEqual({
      kind: "CryptoKey",
      extractable: false,
      exported: "no",
      mac: [...createHmac("sha256", raw).update("corral").digest()],
    });
    const listed = await corral.must("GET", "/workers/scripts/keyed/secrets");
    expect(listed).toEqual([{ name: "KEY", type: "secret_key", format: "raw", algorithm, usages: ["sign"] }]);
  });

  test("version_metadata tells the version's id, tag and time", async () => {
    const metadata = { bindings: [{ type: "version_metadata", name: "VERSION" }], annotations: { "workers/tag": "v7" } };
    await put("told", metadata, [{ name: "index.js", content: answering("env.VERSION") }]);
    const { id } = await newestVersion(corral, "told");
    expect(await answerOf("told")).toEqual({ id, tag: "v7", timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) });
  });

  test("process.env and the importable env follow the compatibility rules", async () => {
    const code = answering(
      `{ handler: env.KEY, imported: imported.KEY, process: globalThis.process?.env?.KEY ?? null, top }`,
      'import { env as imported } from "cloudflare:workers";\nconst top = imported.KEY;',
    );
    const bindings = [{ type: "secret_text", name: "KEY", text: "key-value" }];
    await put("node", { bindings, compatibility_flags: ["nodejs_compat"] }, [{ name: "index.js", content: code }]);
    expect(await answerOf("node")).toEqual({
      handler: "key-value",
      imported: "key-value",
      process: "key-value",
      top: "key-value",
    });
    const off = { bindings, compatibility_flags: ["disallow_importable_env"], compatibility_date: "2024-01-01" };
    await put("plain", off, [{ name: "index.js", content: code }]);
    expect(await answerOf("plain")).toEqual({ handler: "key-value", process: null });
  });
});

describe("modules", () => {
  test("wasm, text, data and json modules, and names in folders", async () => {
    const code = answering(
      "{ wasm: new WebAssembly.Instance(wasm).exports.answer(), text, data: [...new Uint8Array(data)], json: json.deep, lib }",
      `import wasm from "./answer.wasm"; import text from "./lib/note.txt"; import data from "./bytes.bin"; import json from "./x.json"; import { lib } from "./lib/deep/lib.js";`,
    );
    await put("modules", {}, [
      { name: "index.js", content: code },
      { name: "answer.wasm", content: WASM, type: "application/wasm" },
      { name: "lib/note.txt", content: "a note", type: "text/plain" },
      { name: "bytes.bin", content: Buffer.from([0, 255, 128]), type: "application/octet-stream" },
      { name: "x.json", content: '{"deep":{"a":1}}', type: "application/json" },
      { name: "lib/deep/lib.js", content: 'export const lib = "lib";' },
    ]);
    expect(await answerOf("modules")).toEqual({ wasm: 42, text: "a note", data: [0, 255, 128], json: { a: 1 }, lib: "lib" });
  });

  test("service-worker syntax has its bindings as globals, at the top level too", async () => {
    const code = `
const atStart = KEY + MODE;
addEventListener("fetch", (event) => event.respondWith(Response.json({
  atStart, key: KEY, wasm: new WebAssembly.Instance(CODE).exports.answer(), text: NOTE, data: [...new Uint8Array(BYTES)],
})));`;
    const bindings = [
      { type: "secret_text", name: "KEY", text: "key-value" },
      { type: "plain_text", name: "MODE", text: "-mode" },
      { type: "wasm_module", name: "CODE", part: "code" },
      { type: "text_blob", name: "NOTE", part: "note" },
      { type: "data_blob", name: "BYTES", part: "bytes" },
    ];
    await put("classic", { main_module: undefined, body_part: "script", bindings }, [
      { name: "script", content: code, type: "application/javascript" },
      { name: "code", content: WASM, type: "application/wasm" },
      { name: "note", content: "a note", type: "text/plain" },
      { name: "bytes", content: Buffer.from([1, 2, 3]), type: "application/octet-stream" },
    ]);
    expect(await answerOf("classic")).toEqual({
      atStart: "key-value-mode",
      key: "key-value",
      wasm: 42,
      text: "a note",
      data: [1, 2, 3],
    });
    await putSecret(corral, "classic", "KEY", "other-value");
    await eventually(
      () => answerOf("classic"),
      (answer) => (answer as { key: string }).key === "other-value",
    );
  });

  test("caches.default is there and never hits", async () => {
    const code = answering(`{
      put: await caches.default.put("http://x/", new Response("y", { headers: { "cache-control": "max-age=60" } })) ?? null,
      match: await caches.default.match("http://x/") ?? null,
    }`);
    await put("cached", {}, [{ name: "index.js", content: code }]);
    expect(await answerOf("cached")).toEqual({ put: null, match: null });
  });
});

describe("service bindings", () => {
  test("reach another Worker by fetch, RPC and named entrypoint, under that Worker's own split", async () => {
    const callee = `
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  async fetch() { return new Response(this.env.KEY); }
  async key(suffix) { return this.env.KEY + suffix; }
}
export class Admin extends WorkerEntrypoint { async who() { return "admin " + this.env.KEY; } }`;
    await put("callee", { bindings: [{ type: "secret_text", name: "KEY", text: "old-value" }] }, [
      { name: "index.js", content: callee },
    ]);
    const bindings = [
      { type: "service", name: "CALLEE", service: "callee" },
      { type: "service", name: "ADMIN", service: "callee", entrypoint: "Admin" },
    ];
    const code = answering(`{
      fetched: await (await env.CALLEE.fetch("http://callee/")).text(),
      rpc: await env.CALLEE.key("!"),
      admin: await env.ADMIN.who(),
      env: Object.keys(env),
    }`);
    await put("caller", { bindings }, [{ name: "index.js", content: code }]);
    expect(await answerOf("caller")).toEqual({
      fetched: "old-value",
      rpc: "old-value!",
      admin: "admin old-value",
      env: ["ADMIN", "CALLEE"],
    });

    const old = (await newestVersion(corral, "callee")).id;
    const next = await patchVersion(corral, "callee", { KEY: "new-value" });
    await deployShares(corral, "callee", { [next]: 50, [old]: 50 });
    await eventually(
      () => answerOf("caller"),
      (answer) => (answer as { fetched: string }).fetched === "new-value",
    );
    const fetched: string[] = [];
    for (let round = 0; round < 200; round += 1) fetched.push(((await answerOf("caller")) as { fetched: string }).fetched);
    const news = fetched.filter((value) => value === "new-value").length;
    expect(fitsShares([news, fetched.filter((value) => value === "old-value").length], [0.5, 0.5])).toBe(true);
  });

  test("a Worker that does not exist cannot be bound", async () => {
    const form = uploadForm(
      {
        main_module: "index.js",
        compatibility_date: "2026-11-01",
        bindings: [{ type: "service", name: "X", service: "nobody" }],
      },
      [{ name: "index.js", content: answering("1") }],
    );
    const refused = await corral.api("PUT", "/workers/scripts/lonely", form.body, form.headers);
    expect([refused.status, refused.body?.errors[0]?.code]).toEqual([400, 10144]);
  });
});

describe("a version that does not start", () => {
  test("is refused at upload with the runtime's message, and the old one goes on", async () => {
    await putWorker(corral, "fragile", {}, answering('"good"'));
    expect(await answerOf("fragile")).toBe("good");
    for (const [code, says] of [
      ["export default { fetch( { return 1; } };", /SyntaxError/],
      ['throw new Error("no such luck"); export default { fetch() {} };', /no such luck/],
    ] as const) {
      const form = uploadForm({ main_module: "index.js", compatibility_date: "2026-11-01" }, [
        { name: "index.js", content: code },
      ]);
      const refused = await corral.api("PUT", "/workers/scripts/fragile", form.body, form.headers);
      expect([refused.status, refused.body?.errors[0]?.code]).toEqual([400, 10021]);
      expect(refused.body?.errors[0]?.message).toMatch(says);
    }
    expect(await answerOf("fragile")).toBe("good");
    expect((await newestVersion(corral, "fragile")).number).toBe(1);
  });

  test("because of a secret: the secret is refused or not deployed, the old version serves, and it is said", async () => {
    const code = answering(
      '"serving with " + env.CONFIG.length',
      'import { env as early } from "cloudflare:workers"; if (!early.CONFIG.startsWith("{")) throw new Error("CONFIG is not JSON: " + early.CONFIG);',
    );
    await putWorker(corral, "picky", { bindings: [{ type: "secret_text", name: "CONFIG", text: '{"a":1}' }] }, code);
    expect(await answerOf("picky")).toBe("serving with 7");
    const bad = randomWord(24);
    const answer = await corral.api("PUT", "/workers/scripts/picky/secrets", { type: "secret_text", name: "CONFIG", text: bad });
    const state = await eventually(
      () =>
        corral.send(new URL("/corral/v1/workers/picky/state", corral.apiUrl).href, {
          headers: { authorization: `Bearer ${corral.token}` },
        }),
      ({ text }) => answer.status === 400 || text.includes("failed"),
    );
    const said = `${answer.text}${state.text}`;
    expect(said).toContain("CONFIG is not JSON");
    for (let at = 0; at + 6 <= bad.length; at += 1) expect(said).not.toContain(bad.slice(at, at + 6));
    expect(await answerOf("picky")).toBe("serving with 7");
    await putSecret(corral, "picky", "CONFIG", '{"bb":22}');
    await eventually(
      () => answerOf("picky"),
      (shown) => shown === "serving with 9",
    );
  });
});
