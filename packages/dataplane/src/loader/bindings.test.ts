import { afterAll, beforeAll, expect, test } from "vitest";
import type { FakeVersion } from "../testing/fake-feed.ts";
import { type Answer, startTestNode, type TestNode } from "../testing/harness.ts";

let node: TestNode;
let count = 0;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.stop());

async function run(version: FakeVersion): Promise<Answer> {
  count += 1;
  const name = `worker-${count}`;
  const state = await node.feed.put(node.feed.create(name), version);
  expect(state).toMatchObject({ state: "live" });
  return node.ask(name);
}

async function answerOf(version: FakeVersion): Promise<unknown> {
  const { status, text } = await run(version);
  expect(status, text).toBe(200);
  return JSON.parse(text);
}

const returning = (expression: string, top = "") =>
  `${top}\nexport default { async fetch(request, env, ctx) { return Response.json(${expression}) } }`;

/** (module (func (export "answer") (result i32) i32.const 42)) */
const WASM = Buffer.from(
  "0061736d0100000001050160 00017f03020100070a0106616e737765720000 0a0601040041 2a0b".replaceAll(" ", ""),
  "hex",
);

test("env is the manifest's bindings and nothing else", async () => {
  const shown = await answerOf({
    code: returning("env"),
    secrets: { KEY: "s3cret-välue" },
    tag: "v1.2",
    bindings: [
      { type: "plain_text", name: "TEXT", text: "plain" },
      { type: "json", name: "JSON", json: '{"a":[1,{"b":null}]}' },
      { type: "version_metadata", name: "META" },
    ],
  });
  expect(shown).toEqual({
    KEY: "s3cret-välue",
    TEXT: "plain",
    JSON: { a: [1, { b: null }] },
    META: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), tag: "v1.2", timestamp: expect.stringMatching(/^20.*000Z$/) },
  });
});

test("the importable env holds the same, at the top level too", async () => {
  const code = returning(
    "{ top, same: env.KEY }",
    `import { env as imported } from "cloudflare:workers"; const top = imported.KEY;`,
  );
  expect(await answerOf({ code, secrets: { KEY: "value-one" } })).toEqual({ top: "value-one", same: "value-one" });
});

test("process.env holds text bindings when the compatibility flags say so", async () => {
  const code = returning("{ KEY: process.env.KEY, TEXT: process.env.TEXT }");
  const bindings = [{ type: "plain_text", name: "TEXT", text: "plain" }] as const;
  expect(await answerOf({ code, bindings, secrets: { KEY: "value-two" }, compatibilityFlags: ["nodejs_compat"] })).toEqual({
    KEY: "value-two",
    TEXT: "plain",
  });
});

test("a secret_key is a CryptoKey that signs and cannot be exported, also at the top level", async () => {
  const top = `import { env as imported } from "cloudflare:workers"; const kind = imported.K.constructor.name;`;
  const expression = `{ kind, type: env.K.type, extractable: env.K.extractable, process: String(process.env.K),
    signature: [...new Uint8Array(await crypto.subtle.sign("HMAC", env.K, new TextEncoder().encode("x")))].slice(0, 4),
    exported: await crypto.subtle.exportKey("raw", env.K).then(() => "yes", () => "no") }`;
  const key = { type: "secret_key", format: "raw", algorithm: '{"name":"HMAC","hash":"SHA-256"}', usages: ["sign"] } as const;
  const value = Buffer.alloc(32, 7).toString("base64");
  const shown = await answerOf({
    code: returning(expression, top),
    keys: { K: { ...key, value } },
    compatibilityFlags: ["nodejs_compat"],
  });
  const mac = await crypto.subtle.sign(
    "HMAC",
    await crypto.subtle.importKey("raw", Buffer.alloc(32, 7), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]),
    Buffer.from("x"),
  );
  expect(shown).toEqual({
    kind: "CryptoKey",
    type: "secret",
    extractable: false,
    process: "undefined",
    signature: [...new Uint8Array(mac)].slice(0, 4),
    exported: "no",
  });
});

test("a secret_key may be a JWK", async () => {
  const jwk = JSON.stringify({ kty: "oct", k: Buffer.alloc(16, 1).toString("base64url"), alg: "A128GCM" });
  const key = { type: "secret_key", format: "jwk", algorithm: '"AES-GCM"', usages: ["encrypt", "decrypt"], value: jwk } as const;
  expect(await answerOf({ code: returning("[env.K.algorithm.name, env.K.algorithm.length]"), keys: { K: key } })).toEqual([
    "AES-GCM",
    128,
  ]);
});

test("no value stands in the files that the Worker can read", async () => {
  const code = returning(
    `(function walk(dir) { return fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => e.isDirectory() ? walk(dir + "/" + e.name) : [fs.readFileSync(dir + "/" + e.name, "utf8")]) })("/bundle").join("")`,
    `import fs from "node:fs";`,
  );
  const key = { type: "secret_key", format: "raw", algorithm: '{"name":"HMAC","hash":"SHA-256"}', usages: ["sign"] } as const;
  const material = Buffer.from("canary-key-material").toString("base64");
  const files = await answerOf({
    code,
    secrets: { KEY: "canary-of-a-secret" },
    keys: { K: { ...key, value: material } },
    compatibilityFlags: ["nodejs_compat", "enable_nodejs_fs_module"],
  });
  expect(files).toContain("importKey");
  expect(files).not.toContain("canary");
  expect(files).not.toContain(material);
});

test("modules of every type are imported, with nested and extensionless names", async () => {
  const main = `import text from "./text.txt"; import data from "./bytes.bin"; import json from "./j.json"; import wasm from "./a.wasm";
    import cjs from "./old.cjs"; import { nested } from "./lib/deep/nested.js"; import bare from "./bare";
    const instance = new WebAssembly.Instance(wasm);
    export default { fetch() { return Response.json([text, [...new Uint8Array(data)], json, instance.exports.answer(), cjs.value, nested, bare]) } }`;
  const shown = await answerOf({
    modules: [
      { name: "main", body: main },
      { name: "text.txt", type: "text", body: "ein Text" },
      { name: "bytes.bin", type: "data", body: new Uint8Array([0, 255, 128]) },
      { name: "j.json", type: "json", body: '{"x":1}' },
      { name: "a.wasm", type: "wasm", body: WASM },
      { name: "old.cjs", type: "cjs", body: "module.exports = { value: 'common' };" },
      { name: "lib/deep/nested.js", body: `import { up } from "../up.js"; export const nested = "nested " + up;` },
      { name: "lib/up.js", body: `export const up = "up";` },
      { name: "bare", body: `export default "bare"; // no line end after this` },
      { name: "main.map", type: "source-map", body: "{}" },
    ],
  });
  expect(shown).toEqual(["ein Text", [0, 255, 128], { x: 1 }, 42, "common", "nested up", "bare"]);
});

test("a service-worker script has its bindings as globals, at its top level too", async () => {
  const script = `var atTop = KEY + "/" + typeof MODULE; TEXTPART += "!";
    addEventListener("fetch", (event) => event.respondWith(Response.json([atTop, KEY, TEXTPART, new Uint8Array(BYTES)[1], new WebAssembly.Instance(MODULE).exports.answer()])));`;
  const shown = await answerOf({
    syntax: "service-worker",
    modules: [
      { name: "script", type: "cjs", body: script },
      { name: "part.wasm", type: "wasm", body: WASM },
      { name: "part.txt", type: "text", body: "part" },
      { name: "part.bin", type: "data", body: new Uint8Array([1, 2]) },
    ],
    secrets: { KEY: "value-three" },
    bindings: [
      { type: "wasm_module", name: "MODULE", part: "part.wasm" },
      { type: "text_blob", name: "TEXTPART", part: "part.txt" },
      { type: "data_blob", name: "BYTES", part: "part.bin" },
    ],
  });
  expect(shown).toEqual(["value-three/object", "value-three", "part!", 2, 42]);
});

test("caches.default and a named cache are there and never hit", async () => {
  const code = returning(
    `[await caches.default.match(request), await use(caches.default), await use(await caches.open("x"))].map(String)`,
    `
    async function use(cache) { await cache.put("http://x/", new Response("kept")); return [await cache.match("http://x/"), await cache.delete("http://x/"), cache instanceof Cache]; }`,
  );
  expect(await answerOf({ code })).toEqual(["undefined", ",false,true", ",false,true"]);
});

test("a placeholder binding fails clearly when it is used, and not before", async () => {
  const code = returning(`{ there: typeof env.KV, error: await env.KV.get("x").then(String, String).catch(String) }`).replace(
    'await env.KV.get("x").then(String, String).catch(String)',
    "(() => { try { return env.KV.get('x') } catch (e) { return e.message } })()",
  );
  const bindings = [{ type: "placeholder", name: "KV", declaredType: "kv_namespace", detail: "{}" }] as const;
  expect(await answerOf({ code, bindings })).toEqual({
    there: "function",
    error: "The binding KV has the type kv_namespace, which Corral does not run.",
  });
});

test("a missing compatibility date is the oldest, one after the runtime's is the newest", async () => {
  const code = returning("typeof navigator");
  expect(await answerOf({ code, compatibilityDate: null })).toBe("undefined");
  expect(await answerOf({ code, compatibilityDate: "2026-11-20" })).toBe("object");
});

test("a version whose date lies in the future is refused with the runtime's own words", async () => {
  const worker = node.feed.create("future");
  const state = await node.feed.put(worker, { code: returning("1"), compatibilityDate: "2099-01-01" });
  expect(state).toMatchObject({ state: "failed", reason: expect.stringContaining('requires compatibility date "2099-01-01"') });
});

test("an unknown flag is refused with the runtime's own words", async () => {
  const worker = node.feed.create("flags");
  const state = await node.feed.put(worker, { code: returning("1"), compatibilityFlags: ["no_such_flag"] });
  expect(state).toMatchObject({ state: "failed", reason: "No such compatibility flag: no_such_flag" });
});

test("a Worker with named entrypoints alone starts", async () => {
  const code = `import { WorkerEntrypoint } from "cloudflare:workers"; export class Only extends WorkerEntrypoint { x() { return 1 } }`;
  expect(await run({ code })).toMatchObject({ status: 500 });
});
