/** What older wranglers, both SDK generations and other tools send (wire.md 5, 9; other-clients.md 2, 3, 6). */
import { afterEach, beforeEach, expect, test } from "vitest";
import { CODE, type CallInit, form, type FormPart, type Json, openWorld, upload, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const S = "A/workers/scripts/hello";
const MODULE = "application/javascript+module";
const main: FormPart = { name: "index.js", filename: "index.js", type: MODULE, content: CODE };
const settings = (value: unknown): CallInit => form([{ name: "settings", content: JSON.stringify(value) }]);

async function secretNames(): Promise<readonly string[]> {
  return (await world.call("GET", `${S}/secrets`)).result.map((secret: Json) => secret.name);
}

async function bindings(): Promise<readonly Json[]> {
  return (await world.call("GET", `${S}/settings`)).result.bindings;
}

test("wrangler before 4.93.1: bulk reads the settings and writes the whole set back without values", async () => {
  const variables = [
    { type: "plain_text", name: "P", text: "p" },
    { type: "json", name: "J", json: [1] },
    { type: "secret_text", name: "OLD", text: "old" },
  ];
  await world.call("PUT", S, upload({ bindings: variables }));
  const kept = (await bindings()).map(({ name, type }: Json) => ({ name, type }));
  const answer = await world.call(
    "PATCH",
    `${S}/settings`,
    settings({ bindings: [...kept, { type: "secret_text", name: "NEW", text: "new" }] }),
  );
  expect(answer).toMatchObject({ status: 200, result: { bindings: expect.any(Array) } });
  expect(await bindings()).toEqual([
    { name: "J", type: "json", json: [1] },
    { name: "NEW", type: "secret_text" },
    { name: "OLD", type: "secret_text" },
    { name: "P", type: "plain_text", text: "p" },
  ]);
  expect(answer.text).not.toContain('"new"');
});

test("what a settings edit does not list is gone; without bindings all of them stay", async () => {
  await world.call("PUT", S, upload({ bindings: [{ type: "secret_text", name: "A", text: "a" }] }));
  await world.call("PATCH", `${S}/settings`, settings({ compatibility_date: "2026-02-02" }));
  expect(await secretNames()).toEqual(["A"]);
  await world.call("PATCH", `${S}/settings`, settings({ bindings: [] }));
  expect(await secretNames()).toEqual([]);
  expect((await world.call("GET", `${S}/settings`)).result.compatibility_date).toBe("2026-02-02");
});

test("wrangler before 4.113: versions secret put re-uploads what content/v2 gave, secrets inherited", async () => {
  await world.call("PUT", S, upload({ bindings: [{ type: "secret_text", name: "KEPT", text: "k" }] }));
  const { result } = await world.call("GET", `${S}/versions`);
  const content = await world.call("GET", `${S}/content/v2?version=${result.items[0].id}`);
  expect(content.headers.get("cf-entrypoint")).toBe("index.js");
  const metadata = {
    main_module: content.headers.get("cf-entrypoint"),
    bindings: [{ type: "secret_text", name: "VS", text: "v" }],
    keep_bindings: ["secret_key", "secret_text"],
    keep_assets: true,
    compatibility_date: "2026-01-01",
    limits: {},
    logpush: false,
    tail_consumers: [],
    annotations: { "workers/message": "m" },
  };
  const again = await world.call(
    "POST",
    `${S}/versions?include_subdomain_availability=true&excludeScript=true`,
    form([{ name: "metadata", content: JSON.stringify(metadata) }, main]),
  );
  expect(again).toMatchObject({
    status: 200,
    result: { number: 2, resources: { script: { etag: result.items[0].resources.script.etag } } },
  });
  expect(again.result.resources.bindings.map((binding: Json) => binding.name)).toEqual(["KEPT", "VS"]);
});

test("wrangler before 4.113: versions secret delete lists the survivors as inherit", async () => {
  await world.call("PUT", S, upload({ bindings: ["A", "B"].map((name) => ({ type: "secret_text", name, text: "v" })) }));
  const metadata = { bindings: [{ type: "inherit", name: "A" }], keep_bindings: ["secret_key"] };
  const version = await world.call("POST", `${S}/versions`, upload(metadata));
  expect(version.result.resources.bindings).toEqual([{ name: "A", type: "secret_text" }]);
});

test("modules of every type come back byte for byte, with names and types as they were sent", async () => {
  const parts: readonly FormPart[] = [
    { name: "lib/über.js", filename: "lib/über.js", type: "text/javascript+module", content: "export const x = 1;\r\n--x\r\n" },
    main,
    { name: "a.wasm", filename: "a.wasm", type: "application/wasm", content: Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0) },
    {
      name: "d.bin",
      filename: "d.bin",
      type: "application/octet-stream",
      content: Uint8Array.from({ length: 256 }, (_none, index) => index),
    },
    { name: "t.txt", filename: "t.txt", type: "text/plain", content: "\uFEFFtext\n" },
    { name: "index.js.map", filename: "index.js.map", type: "application/source-map", content: "{}" },
  ];
  await world.call("PUT", S, form([{ name: "metadata", content: '{"main_module":"index.js"}' }, ...parts]));
  const content = await world.call("GET", `${S}/content/v2`);
  const back = new Response(content.bytes.slice(), { headers: { "content-type": content.headers.get("content-type") ?? "" } });
  const fields = [...(await back.formData())] as unknown as readonly (readonly [string, File])[];
  expect(fields.map(([name]) => name)[0]).toBe("index.js");
  for (const part of parts) {
    const file = fields.find(([name]) => name === part.name)?.[1];
    expect(file?.name).toBe(part.name);
    expect(file?.type).toBe(part.type);
    expect(Buffer.from((await file?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(Buffer.from(part.content));
  }
});

const metadataJson = JSON.stringify({ main_module: "index.js", bindings: [{ type: "plain_text", name: "A", text: "a" }] });
const uploads: readonly (readonly [string, () => CallInit])[] = [
  ["wrangler: a field", () => form([{ name: "metadata", content: metadataJson }, main])],
  [
    "curl: a file metadata.json, modules named by their part",
    () =>
      form([
        { name: "metadata", filename: "metadata.json", type: "application/json", content: metadataJson },
        { ...main, filename: "dist.js" },
      ]),
  ],
  [
    "alchemy: last, a blob",
    () => form([main, { name: "metadata", filename: "blob", type: "application/json", content: metadataJson }]),
  ],
  [
    "SDK 6.5: a file, modules all named files",
    () =>
      form([
        { name: "metadata", filename: "metadata", type: "application/json", content: metadataJson },
        { ...main, name: "files" },
      ]),
  ],
  [
    "SDK 7.3: fields in brackets, and a content type that is wrong",
    () => ({ ...brackets(), headers: { "content-type": "application/javascript" } }),
  ],
  ["SDK 7.3 with an object of files", () => form([...bracketFields, { ...main, name: "files[index.js]" }])],
  [
    "cloudflare-go v6: octet-stream for everything",
    () =>
      form([
        { name: "metadata", type: "application/json", content: metadataJson },
        { ...main, name: "files", type: "application/octet-stream" },
      ]),
  ],
  [
    "cloudflare-go v5: dots and positions",
    () => form([...dotted, { ...main, name: "files.0", type: "application/octet-stream" }]),
  ],
  ["cloudflare-python: columns", () => form([...columns, { ...main, name: "files" }])],
  [
    "Terraform's own test: bare line feeds, boundary of dashes",
    () =>
      form(
        [
          { name: "metadata", filename: "metadata.json", type: "application/json", content: metadataJson },
          { ...main, name: "files" },
        ],
        { boundary: "------x", newline: "\n" },
      ),
  ],
];

const bracketFields: readonly FormPart[] = [
  { name: "metadata[main_module]", content: "index.js" },
  { name: "metadata[bindings][][type]", content: "plain_text" },
  { name: "metadata[bindings][][name]", content: "A" },
  { name: "metadata[bindings][][text]", content: "a" },
];
const dotted: readonly FormPart[] = [
  { name: "metadata.main_module", content: "index.js" },
  { name: "metadata.bindings.0.type", content: "plain_text" },
  { name: "metadata.bindings.0.name", content: "A" },
  { name: "metadata.bindings.0.text", content: "a" },
];
const columns: readonly FormPart[] = [
  { name: "metadata.main_module", content: "index.js" },
  { name: "metadata.bindings[].type", content: "plain_text" },
  { name: "metadata.bindings[].name", content: "A" },
  { name: "metadata.bindings[].text", content: "a" },
];
const brackets = () => form([...bracketFields, { ...main, name: "files[]" }]);

test.each(uploads)("an upload by %s makes the same Worker", async (_title, init) => {
  const put = await world.call("PUT", S, init());
  expect({ status: put.status, message: put.message }).toEqual({ status: 200, message: undefined });
  expect(put.result).toMatchObject({ has_modules: true, entry_point: "index.js" });
  expect(await bindings()).toEqual([{ name: "A", type: "plain_text", text: "a" }]);
  expect((await world.call("GET", S)).text).toContain(`Content-Type: ${MODULE}\r\n\r\n${CODE}\r\n`);
});

test("cloudflare-go v0: a bare script is a service worker and comes back bare, its secrets kept", async () => {
  const script = "addEventListener('fetch', (event) => event.respondWith(new Response('ok')))";
  const init = { body: script, headers: { "content-type": "application/javascript" } };
  expect(await world.call("PUT", S, init)).toMatchObject({ status: 200, result: { has_modules: false } });
  await world.call("PUT", `${S}/secrets`, { json: { name: "K", text: "v" } });
  expect(await world.call("PUT", S, init)).toMatchObject({ status: 200 });
  expect(await secretNames()).toEqual(["K"]);
  const got = await world.call("GET", S);
  expect(got.headers.get("content-type")).toBe("application/javascript");
  expect(got.text).toBe(script);
});

test("cloudflare-go v0: PATCH settings as JSON with unknown keys, tags null, tails without a body", async () => {
  await world.call("PUT", S, upload({ tags: null, bindings: [{ type: "secret_text", name: "K", text: "v" }] }));
  const patch = await world.call("PATCH", `${S}/settings`, { json: { ScriptName: "hello", Logpush: null, Bindings: null } });
  expect(patch).toMatchObject({ status: 200 });
  expect(await secretNames()).toEqual(["K"]);
  expect(await world.call("POST", `${S}/tails`)).toMatchObject({ status: 200, result: { url: expect.stringMatching(/^ws:/) } });
});

test("Terraform sees no key that its plan has not; cloudflare-go v0 finds the environment it needs", async () => {
  await world.call("PUT", S, upload({ bindings: [{ type: "service", name: "SVC", service: "hello" }] }));
  expect(await bindings()).toEqual([{ name: "SVC", type: "service", service: "hello" }]);
  const { result } = await world.call("GET", `${S}/bindings`);
  expect(result).toEqual([{ name: "SVC", type: "service", service: "hello", environment: "production" }]);
  expect((await world.call("GET", `${S}/settings`)).result).not.toHaveProperty("limits");
  const worker = await world.call("GET", "A/workers/workers/hello");
  expect(worker.result.observability).toEqual({
    enabled: false,
    head_sampling_rate: 1,
    logs: { enabled: false, head_sampling_rate: 1, invocation_logs: true, persist: true, destinations: [] },
    traces: { enabled: false, head_sampling_rate: 1, persist: true, destinations: [] },
  });
});

test("a service worker's part may have any name and no filename", async () => {
  const script = form([
    { name: "script", type: "application/javascript", content: "addEventListener('fetch', () => {})" },
    { name: "metadata", content: '{"body_part":"script","compatibility_date":"","tags":null}' },
  ]);
  expect(await world.call("PUT", S, script)).toMatchObject({
    status: 200,
    result: { has_modules: false, entry_point: "script" },
  });
});

test("alchemy: empty migrations and containers ask for nothing; tags come back exactly", async () => {
  const tags = ["alchemy:stack:a,b", "alchemy:id:x:y"];
  const asked = {
    migrations: { new_classes: [], deleted_classes: [], renamed_classes: [] },
    containers: [],
    keep_assets: false,
    tags,
  };
  expect(await world.call("PUT", S, upload({ ...asked, bindings: undefined }))).toMatchObject({ status: 200 });
  expect((await world.call("GET", `${S}/settings`)).result.tags).toEqual(tags);
  const list = (query: string) => world.call("GET", `A/workers/scripts?tags=${encodeURIComponent(query)}`);
  expect((await list("alchemy:id:x:y:yes")).result).toMatchObject([{ id: "hello", tags }]);
  expect((await list("alchemy:id:x:y:no")).result).toEqual([]);
  expect(await list("nonsense")).toMatchObject({ status: 400, code: 10001 });
});

test("wrangler-action with wrangler before 3.14: drafts and puts in parallel all survive", async () => {
  const draft = form([
    { name: "metadata", content: '{"main_module":"hello","bindings":[],"logpush":false}' },
    { name: "hello", filename: "hello", type: MODULE, content: "export default { fetch() {} }" },
  ]);
  const names = ["A", "B", "C", "D", "E", "F"];
  await world.call("PUT", S, draft);
  const answers = await Promise.all(
    names.flatMap((name) => [world.call("PUT", S, draft), world.call("PUT", `${S}/secrets`, { json: { name, text: name } })]),
  );
  expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
  expect(await secretNames()).toEqual(names);
});

test("a secret's name may hold what a path must escape", async () => {
  await world.call("PUT", S, upload());
  for (const name of ["A@B", "a/b c", "100%", "%41", "ü?#"]) {
    expect(await world.call("PUT", `${S}/secrets`, { json: { name, text: "v" } })).toMatchObject({
      status: 200,
      result: { name },
    });
    const path = `${S}/secrets/${encodeURIComponent(name)}`;
    expect(await world.call("GET", path)).toMatchObject({ status: 200, result: { name } });
    expect(await world.call("DELETE", `${path}?url_encoded=true`)).toMatchObject({ status: 200 });
  }
  // cloudflare-go v0 does not escape; an at sign needs none.
  await world.call("PUT", `${S}/secrets`, { json: { name: "A@B", text: "v" } });
  expect(await world.call("DELETE", `${S}/secrets/A@B`)).toMatchObject({ status: 200 });
});

test("a DELETE with a JSON content type and no body, and JSON under any content type", async () => {
  await world.call("PUT", S, upload());
  const text = (body: string): CallInit => ({ body, headers: { "content-type": "text/plain;charset=UTF-8" } });
  expect(await world.call("PUT", `${S}/secrets`, text('{"name":"A","text":"v"}'))).toMatchObject({ status: 200 });
  const bare = { headers: { "content-type": "application/json" } };
  expect(await world.call("DELETE", `${S}/secrets/A`, bare)).toMatchObject({ status: 200 });
});

test("wrangler before 4.111: an absent service environment is 10092, and 10007 where a draft is made of it", async () => {
  const E = "A/workers/services/nobody/environments/staging";
  expect(await world.call("GET", E)).toMatchObject({ status: 404, code: 10092 });
  expect(await world.call("GET", `${E}/secrets`)).toMatchObject({ status: 404, code: 10007 });
  const secret = { json: { name: "A", text: "a", type: "secret_text" } };
  expect(await world.call("PUT", `${E}/secrets`, secret)).toMatchObject({ status: 404, code: 10007 });
  expect(await world.call("PUT", E, upload())).toMatchObject({ status: 200, result: { id: "nobody-staging" } });
  expect(await world.call("PUT", `${E}/secrets`, secret)).toMatchObject({ status: 200 });
});
