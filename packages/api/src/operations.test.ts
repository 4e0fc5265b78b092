/** Every operation of the route table is reached, answers a success, and conforms to Cloudflare's schema where there is one. */
import { cloudflareRoutes, type CloudflareRouteId } from "@corral/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasSchema, schemaFault } from "./cloudflare-schema.ts";
import { type Answer, CODE, type CallInit, form, openWorld, upload, type World } from "./test-world.ts";

let world: World;
const reached = new Set<string>();
const faults: string[] = [];
/** Operations whose refusal is their answer here: docs/compatibility.md says why. */
const REFUSED: Partial<Record<CloudflareRouteId, number>> = {
  "account.subdomain.find": 10032,
};
const RAW: readonly CloudflareRouteId[] = [
  "scripts.get",
  "scripts.content",
  "scripts.bindings.content",
  "environments.content",
  "environments.content.v2",
];

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const names: Readonly<Record<string, string>> = {
  script_name: "op",
  service_name: "op",
  environment_name: "production",
  worker_id: "op",
  script_id: "op",
};

async function run(
  id: CloudflareRouteId,
  params: Readonly<Record<string, string>> = {},
  init?: CallInit,
  query = "",
): Promise<Answer> {
  const route = cloudflareRoutes[id];
  const filled = { ...names, account_id: world.accountId, ...params };
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_place, name: string) =>
    encodeURIComponent(filled[name as keyof typeof filled] ?? ""),
  );
  const answer = await world.call(route.method, path + query, init);
  reached.add(id);
  const fault = faultOf(id, answer);
  if (fault !== undefined) faults.push(`${id}: ${fault}`);
  return answer;
}

function faultOf(id: CloudflareRouteId, answer: Answer): string | undefined {
  const refused = REFUSED[id];
  if (refused !== undefined) return answer.code === refused ? undefined : `answered ${answer.code}, not ${refused}`;
  if (answer.status !== 200) return `answered ${answer.status}: ${answer.message}`;
  if (RAW.includes(id)) return undefined;
  const { success, errors, messages } = answer.body;
  if (success !== true || errors.length > 0 || messages.length > 0) return "its envelope is no success";
  const { method, path } = cloudflareRoutes[id];
  return schemaFault(`${method} ${path}`, answer.body);
}

const secret = (name: string): CallInit => ({ json: { name, text: "a value", type: "secret_text" } });

test("accounts and what surrounds them", async () => {
  for (const id of [
    "user.get",
    "user.verify",
    "memberships.list",
    "accounts.list",
    "accounts.get",
    "accounts.verify",
    "zones.list",
  ] as const) {
    await run(id);
  }
  const { result } = await run("account.subdomain");
  await run("account.subdomain.put", {}, { json: { subdomain: result.subdomain } });
  await run("account.subdomain.find", { subdomain: "free" });
  await run("account.settings");
  await run("account.settings.put", {}, { json: { default_usage_model: "standard" } });
  await run("account.tails");
  await run("account.domains");
  await run("account.domains.records");
  await run("account.durable-objects", {}, undefined, "?per_page=1000&page=1");
  await run("account.kv", {}, undefined, "?per_page=100&order=title&direction=asc&page=1");
  expect(faults.splice(0)).toEqual([]);
});

test("a Worker as a script", async () => {
  await run("scripts.put", {}, richUpload());
  await run("scripts.list");
  expect((await run("scripts.search", {}, undefined, "?name=op")).result).toHaveLength(1);
  await run("scripts.get");
  await run("scripts.content");
  await run("scripts.bindings");
  expect((await run("scripts.bindings.content", { binding_name: "BLOB" })).text).toBe("hello");
  await run("scripts.settings");
  const kept = ["PLAIN", "JSON", "S", "SELF", "BLOB", "V"].map((name) => ({ type: "inherit", name }));
  await run("scripts.settings.edit", {}, form([{ name: "settings", content: JSON.stringify({ bindings: kept }) }]));
  await run("scripts.script-settings");
  await run(
    "scripts.script-settings.edit",
    {},
    { json: { logpush: true, tags: ["a:b,c"], tail_consumers: [], observability: { enabled: true } } },
  );
  await run("scripts.usage-model");
  await run("scripts.usage-model.put", {}, { json: { usage_model: "standard" } });
  await run("scripts.references");
  await run("scripts.queue-consumers", {}, undefined, "?perPage=100");
  const code = form([{ name: "index.js", filename: "index.js", type: "application/javascript+module", content: CODE }]);
  await run("scripts.content.put", {}, { ...code, headers: { ...code.headers, "cf-worker-main-module-part": "index.js" } });
  expect(faults.splice(0)).toEqual([]);
});

test("secrets, versions, deployments", async () => {
  await run("secrets.put", {}, secret("K"));
  const key = { ...BINDINGS[3], name: "KEY" };
  expect((await run("secrets.put", {}, { json: key })).result).toEqual({
    name: "KEY",
    type: "secret_key",
    format: "raw",
    algorithm: { name: "HMAC", hash: "SHA-256" },
    usages: ["sign"],
  });
  expect((await run("secrets.list")).result).toHaveLength(3);
  await run("secrets.get", { secret_name: "K" });
  await run("secrets.bulk", {}, { json: { secrets: { A: { text: "1", type: "secret_text" }, K: null } } });
  await run("secrets.delete", { secret_name: "A" }, { headers: { "content-type": "application/json" } });
  const { result: version } = await run("versions.create", {}, upload());
  await run("versions.list", {}, undefined, "?deployable=true");
  await run("versions.get", { version_id: version.id });
  expect((await run("by-script.list")).result).toMatchObject({ items: expect.any(Array), latest: { id: version.id } });
  await run("by-script.get", { deployment_id: version.id });
  const before = (await run("deployments.list")).result.deployments;
  const deployment = await run(
    "deployments.create",
    {},
    {
      json: {
        strategy: "percentage",
        versions: [{ version_id: version.id, percentage: 100 }],
        annotations: { "workers/message": "" },
      },
    },
  );
  await run("deployments.get", { deployment_id: deployment.result.id });
  await run("deployments.delete", { deployment_id: before[0].id });
  expect(faults.splice(0)).toEqual([]);
});

test("hostnames, schedules, tails", async () => {
  await run("subdomain.set", {}, { json: { enabled: true } });
  await run("subdomain.get");
  await run("subdomain.delete");
  const put = await run("schedules.put", {}, { json: [{ cron: "*/5 * * * *" }] });
  expect((await run("schedules.get")).result).toEqual(put.result);
  await run("tails.list");
  const tail = await run("tails.create", {}, { json: { filters: [] } });
  await run("tails.heartbeat", { tail_id: tail.result.id });
  await run("tails.delete", { tail_id: tail.result.id });
  expect(faults.splice(0)).toEqual([]);
});

test("the same Worker as a service with its environment", async () => {
  await run("services.get");
  expect((await run("environments.put", { environment_name: "staging" }, upload())).result.id).toBe("op-staging");
  await run("environments.get");
  await run("environments.bindings");
  await run("environments.routes", {}, undefined, "?show_zonename=true");
  await run("environments.subdomain");
  await run("environments.subdomain.set", {}, { json: { enabled: true } });
  await run("environments.schedules.put", {}, { json: [{ cron: "0 3 * * 1" }] });
  await run("environments.schedules");
  await run("environments.settings");
  await run("environments.settings.edit", {}, form([{ name: "settings", content: "{}" }]));
  await run("environments.secrets.put", {}, secret("E"));
  await run("environments.secrets");
  await run("environments.secrets.bulk", {}, { json: { secrets: { F: { text: "1", type: "secret_text" } } } });
  await run("environments.secrets.delete", { secret_name: "E" });
  await run("environments.content");
  await run("environments.content.v2");
  const code = form([{ name: "index.js", filename: "index.js", type: "application/javascript+module", content: CODE }]);
  await run("environments.content.put", {}, code);
  await run("services.rename", {}, { json: { id: "renamed" } });
  await run("services.delete", { service_name: "renamed" }, undefined, "?force=false");
  expect(faults.splice(0)).toEqual([]);
});

test("the new Workers API", async () => {
  const { result: made } = await run("workers.create", {}, { json: { name: "op", tags: ["t"], subdomain: { enabled: false } } });
  await run("workers.list");
  await run("workers.get", { worker_id: made.id });
  await run("workers.put", { worker_id: made.id }, { json: { name: "other", logpush: false, tags: [], tail_consumers: [] } });
  await run("workers.edit", { worker_id: made.id }, { json: { name: "op", subdomain: { enabled: true } } });
  const modules = [
    { name: "index.js", content_type: "application/javascript+module", content_base64: Buffer.from(CODE).toString("base64") },
  ];
  const created = await run(
    "workers.versions.create",
    {},
    { json: { main_module: "index.js", compatibility_date: "2026-01-01", modules, bindings: BINDINGS } },
  );
  await run("workers.versions.list");
  await run("workers.versions.latest");
  expect(
    (await run("workers.versions.get", { version_id: created.result.id }, undefined, "?include=modules")).result.modules,
  ).toEqual(modules);
  await run("workers.versions.patch", {}, { json: { env: { S: { type: "secret_text", text: "v" } } } }, "?deploy=true");
  await run("workers.versions.delete", { version_id: created.result.id });
  await run("workers.delete", { worker_id: made.id });
  expect(faults.splice(0)).toEqual([]);
});

test("a Worker is deleted as a script", async () => {
  await run("scripts.put", {}, upload());
  await run("scripts.delete", {}, undefined, "?force=true");
  expect(faults.splice(0)).toEqual([]);
});

test("every operation was reached", () => {
  expect(Object.keys(cloudflareRoutes).filter((id) => !reached.has(id))).toEqual([]);
});

test("most operations have a schema to be held to", () => {
  const without = Object.values(cloudflareRoutes).filter((route) => !hasSchema(`${route.method} ${route.path}`));
  expect(without.length).toBeLessThan(Object.keys(cloudflareRoutes).length / 2);
});

test("a path that only looks like one of ours is refused", async () => {
  expect(await world.call("GET", "/corral/v1/nothing")).toMatchObject({ status: 404, code: 7003 });
  expect(await world.call("GET", "/corral/v1/health")).toMatchObject({ status: 200 });
  expect(await world.call("GET", "/workers/scripts")).toMatchObject({ status: 404, code: 7003 });
});

const BINDINGS = [
  { type: "plain_text", name: "PLAIN", text: "x" },
  { type: "json", name: "JSON", json: { a: [1, true, null] } },
  { type: "secret_text", name: "S", text: "a value" },
  {
    type: "secret_key",
    name: "KEY",
    format: "raw",
    algorithm: { name: "HMAC", hash: "SHA-256" },
    usages: ["sign"],
    key_base64: Buffer.alloc(32, 7).toString("base64"),
  },
  { type: "version_metadata", name: "V" },
];

function richUpload(): CallInit {
  const metadata = {
    main_module: "index.js",
    compatibility_date: "2026-01-01",
    compatibility_flags: ["nodejs_compat"],
    bindings: [
      ...BINDINGS,
      { type: "service", name: "SELF", service: "op" },
      { type: "text_blob", name: "BLOB", part: "blob.txt" },
    ],
    annotations: { "workers/message": "first", "workers/tag": "v1" },
    tags: ["a:b,c"],
    limits: { cpu_ms: 50 },
    placement: { mode: "smart" },
    observability: { enabled: true, head_sampling_rate: 1 },
  };
  return form([
    { name: "metadata", content: JSON.stringify(metadata) },
    { name: "index.js", filename: "index.js", type: "application/javascript+module", content: CODE },
    { name: "blob.txt", filename: "blob.txt", type: "text/plain", content: "hello" },
  ]);
}
