import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FakeCloudflare } from "../../testing/fake-cloudflare.ts";
import { emptyDirectory, runCli, type RunOptions } from "../../testing/run-cli.ts";

let fake: FakeCloudflare;
let cwd: string;

beforeAll(async () => {
  fake = await FakeCloudflare.start();
});
afterAll(async () => fake[Symbol.asyncDispose]());

const CONFIG = 'name = "w"\nmain = "src/index.ts"\ncompatibility_date = "2026-01-01"\n';
const project = (more = "", files: Readonly<Record<string, string | Uint8Array>> = {}) =>
  emptyDirectory({
    "wrangler.toml": CONFIG + more,
    "src/index.ts": "export default { fetch: (): Response => new Response('ok') };",
    ...files,
  });

beforeEach(() => {
  fake.workers.clear();
  fake.requests.length = 0;
  cwd = project();
});

const corral = (line: string, options: RunOptions = {}) => runCli(line.split(" "), { cwd, env: fake.env, ...options });
const uploads = () => fake.changes().filter((one) => one.headers["content-type"]?.startsWith("multipart/"));

test("the first deploy makes the Worker, the next one a version, and stored secrets stay", async () => {
  const first = await corral("deploy --message one --tag v1");
  expect(first.code).toBe(0);
  const worker = fake.workers.get("w");
  expect(first.stdout).toContain(`Current Version ID: ${worker?.newest?.id}\n`);
  expect(worker?.newest?.annotations).toEqual({ "workers/message": "one", "workers/tag": "v1" });
  await corral("secret put API_KEY", { stdin: "value-of-it" });
  const second = await corral("deploy --json");
  expect(JSON.parse(second.stdout)).toMatchObject({ worker: "w", version_id: worker?.newest?.id });
  expect(worker?.secret("API_KEY")).toBe("value-of-it");
  expect(worker?.deployments[0]?.versions).toEqual([{ version_id: worker?.newest?.id, percentage: 100 }]);
});

test("an upload that takes long says so", async () => {
  expect((await corral("deploy", { slow: true })).stderr).toMatch(/note: Uploading … \d+ ms\n/);
});

test("code and secrets go up in one version with --secrets-file", async () => {
  cwd = project("", { ".env.secrets": "API_KEY = value-of-it\n" });
  await corral("deploy --secrets-file .env.secrets");
  const worker = fake.workers.get("w");
  expect(worker?.versions).toHaveLength(1);
  expect(worker?.secret("API_KEY")).toBe("value-of-it");
});

describe("required secrets", () => {
  beforeEach(() => {
    cwd = project('[secrets]\nrequired = ["A", "B"]\n', { "s.json": '{"A": "value-a", "B": "value-b"}' });
  });

  test("that are missing stop the deploy before anything is sent", async () => {
    fake.worker("w", { A: "1" });
    const ended = await corral("deploy");
    expect(ended.code).toBe(1);
    expect(ended.stderr).toBe(
      "error: The following required secrets have not been set: B\nhint: corral secret put B\nhint: Or in the same upload: --secrets-file\n",
    );
    expect(fake.changes()).toEqual([]);
  });

  test("may come in the same upload, also in the first one", async () => {
    expect(await corral("deploy --secrets-file s.json")).toMatchObject({ code: 0 });
  });

  test("that vanish between the check and the upload are told the same way", async () => {
    const worker = fake.worker("w", { A: "1", B: "2" });
    fake.mishaps.push({
      method: "GET",
      path: /services\/w$/,
      kind: { status: 200, body: '{"success":true,"result":{"id":"w"},"errors":[],"messages":[]}' },
    });
    const running = corral("deploy");
    worker.version(new Map([["A", { name: "A", type: "secret_text", text: "1" }]]));
    expect((await running).stderr).toContain("error: The following required secrets have not been set: B\n");
  });
});

test("a variable in a secret's place is never set without a word", async () => {
  fake.worker("w", { API_KEY: "1" });
  cwd = project('[vars]\nAPI_KEY = "variable"\n');
  const refused = await corral("deploy");
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("where a secret is stored, which it would replace: API_KEY.") as unknown,
  });
  expect(await corral("deploy", { typed: ["n\n"] })).toMatchObject({ code: 3 });
  expect(fake.changes()).toEqual([]);
  expect(await corral("deploy --yes")).toMatchObject({ code: 0 });
  expect(fake.workers.get("w")?.newest?.bindings.get("API_KEY")).toMatchObject({ type: "plain_text" });
});

test("variables, services and metadata become bindings; settings and schedules are sent", async () => {
  cwd = project(
    'version_metadata = { binding = "VERSION" }\n[vars]\nTEXT = "t"\nTREE = { a = [1] }\n[[services]]\nbinding = "OTHER"\nservice = "other"\n[triggers]\ncrons = ["0 * * * *"]\n[observability]\nenabled = true\n',
  );
  await corral("deploy --var MORE:a:b");
  const worker = fake.workers.get("w");
  expect(Object.fromEntries(worker?.newest?.bindings ?? [])).toEqual({
    TEXT: { name: "TEXT", type: "plain_text", text: "t" },
    TREE: { name: "TREE", type: "json", json: { a: [1] } },
    MORE: { name: "MORE", type: "plain_text", text: "a:b" },
    OTHER: { name: "OTHER", type: "service", service: "other" },
    VERSION: { name: "VERSION", type: "version_metadata" },
  });
  expect(worker?.settings).toEqual({ observability: { enabled: true } });
  expect(worker?.schedules).toEqual([{ cron: "0 * * * *" }]);
});

test("versions upload deploys nothing", async () => {
  const worker = fake.worker("w", { API_KEY: "1" });
  const ended = await corral("versions upload --tag v2");
  expect(ended.stdout).toContain(`Worker Version ID: ${worker.newest?.id}\n`);
  expect([worker.versions.length, worker.deployments.length, worker.secret("API_KEY")]).toEqual([2, 1, "1"]);
});

test("versions upload of an absent Worker says what comes first", async () => {
  expect(await corral("versions upload")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      'error: Worker "w" not found.\nhint: The first upload is a deployment: corral deploy\n',
    ) as unknown,
  });
});

test("a rollout under way is not overwritten without a word", async () => {
  const worker = fake.worker("w");
  const [one, two] = [worker.newest?.id ?? "", worker.version(new Map()).id];
  worker.deploy([
    { version_id: one, percentage: 60 },
    { version_id: two, percentage: 40 },
  ]);
  expect(await corral("deploy", { typed: ["n\n"] })).toMatchObject({
    code: 3,
    screen: expect.stringContaining("Nothing was changed.") as unknown,
  });
  expect(await corral("deploy --strict")).toMatchObject({ code: 2 });
  expect(uploads()).toEqual([]);
  expect(await corral("deploy")).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("The traffic is divided now") as unknown,
  });
});

test("what Corral does not have is refused with its place", async () => {
  cwd = project('[[kv_namespaces]]\nbinding = "KV"\nid = "x"\n');
  const ended = await corral("deploy");
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain(
    "error: The config file wrangler.toml asks for what Corral does not have.\n  wrangler.toml:4:1  kv_namespaces is not supported by Corral\n",
  );
});

describe("bundling", () => {
  test("--dry-run writes the bundle and contacts nobody", async () => {
    cwd = project("", {
      "src/index.ts": "import t from './t.txt'; import w from './m.wasm'; export default { fetch: () => new Response(t + w) };",
      "src/t.txt": "text",
      "src/m.wasm": new Uint8Array([0, 97, 115, 109]),
    });
    const ended = await runCli(["deploy", "--dry-run", "--outdir", "out", "--json"], { cwd });
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ worker: "w", dry_run: true });
    const code = readFileSync(join(cwd, "out/index.js"), "utf8");
    const [, wasm = ""] = /"\.\/([0-9a-f]{12}-m\.wasm)"/.exec(code) ?? [];
    const [, text = ""] = /"\.\/([0-9a-f]{12}-t\.txt)"/.exec(code) ?? [];
    expect(readFileSync(join(cwd, "out", text), "utf8")).toBe("text");
    expect([...readFileSync(join(cwd, "out", wasm))]).toEqual([0, 97, 115, 109]);
  });

  test("a mistake in the code is told with its place, and not with its line", async () => {
    cwd = project("", { "src/index.ts": "const key = 'canary-in-source';\nimport x from './absent';\nexport default x;\n" });
    const ended = await corral("deploy");
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('error: Bundling failed with an error.\n  src/index.ts:2:15  Could not resolve "./absent"\n');
    expect(ended.screen).not.toContain("canary");
  });

  test("a source map goes up beside its code when asked for", async () => {
    await corral("deploy --upload-source-maps");
    expect(uploads()[0]?.body).toContain(
      'name="index.js.map"; filename="index.js.map"\r\nContent-Type: application/source-map\r\n',
    );
    expect(uploads()[0]?.body).toContain("//# sourceMappingURL=index.js.map\n");
  });

  test("code without exports goes up in service-worker syntax", async () => {
    cwd = project("", { "src/index.ts": "addEventListener('fetch', (event: any) => event.respondWith(new Response('sw')));" });
    await corral("deploy");
    expect(uploads()[0]?.body).toContain('"body_part":"script"');
  });

  test("node modules stay imports", async () => {
    cwd = project('compatibility_flags = ["nodejs_compat"]\n', {
      "src/index.ts": "import { join } from 'path'; import b from 'node:buffer'; export default { a: join('a', String(b)) };",
    });
    await corral("deploy");
    expect(uploads()[0]?.body).toContain('from "node:path"');
    expect(uploads()[0]?.body).toContain('from "node:buffer"');
  });
});
