import { afterEach, beforeEach, expect, test } from "vitest";
import { CODE, type Json, openWorld, upload, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const S = "A/workers/scripts/hello";

test("a first deploy as wrangler 4.164 does it: nothing is there, then a Worker with a version at 100 %", async () => {
  expect(await world.call("GET", "A/workers/services/hello")).toMatchObject({ status: 404, code: 10090 });
  expect(await world.call("GET", `${S}/secrets`)).toMatchObject({ status: 404, code: 10007 });
  expect(await world.call("GET", `${S}/deployments`)).toMatchObject({ status: 404, code: 10007 });
  expect(await world.call("GET", `${S}/settings`)).toMatchObject({ status: 404, code: 10007 });
  const subdomain = await world.call("GET", "A/workers/subdomain");
  expect(subdomain.result.subdomain).toMatch(/^corral-[0-9a-f]{8}$/);

  const put = await world.call("PUT", `${S}?excludeScript=true&bindings_inherit=strict`, upload());
  expect(put).toMatchObject({ status: 200, result: { id: "hello", has_modules: true, startup_time_ms: 0 } });
  expect(put.result.deployment_id).toMatch(/^[0-9a-f-]{36}$/);
  expect(put.result.etag).not.toBe("");

  const worker = await world.call("GET", "A/workers/workers/hello");
  expect(worker.result).toMatchObject({ id: put.result.tag, name: "hello", subdomain: { enabled: false } });
  expect(await world.call("POST", `${S}/subdomain`, { json: { enabled: true } })).toMatchObject({
    status: 200,
    result: { enabled: true, previews_enabled: true },
  });
  const { result } = await world.call("GET", `${S}/deployments`);
  expect(result.deployments).toMatchObject([
    { strategy: "percentage", versions: [{ version_id: put.result.deployment_id, percentage: 100 }] },
  ]);
  expect(await world.call("GET", "A/workers/services/hello")).toMatchObject({
    status: 200,
    result: { default_environment: { script: { tag: put.result.tag, last_deployed_from: "api" } } },
  });
});

test("a secret is put, listed by name, deleted, and never shown", async () => {
  await world.call("PUT", S, upload());
  const put = await world.call("PUT", `${S}/secrets`, { json: { name: "API_KEY", text: "a-value-of-it", type: "secret_text" } });
  expect(put).toMatchObject({ status: 200, result: { name: "API_KEY", type: "secret_text" } });
  const list = await world.call("GET", `${S}/secrets`);
  expect(list.result).toEqual([{ name: "API_KEY", type: "secret_text" }]);
  const { result } = await world.call("GET", `${S}/versions`);
  expect(result.items[0]).toMatchObject({
    number: 2,
    annotations: { "workers/triggered_by": "secret" },
    resources: { bindings: [{ name: "API_KEY", type: "secret_text" }] },
  });
  expect(list.text + JSON.stringify(result)).not.toContain("a-value-of-it");
  expect(await world.call("DELETE", `${S}/secrets/API_KEY?url_encoded=true`)).toMatchObject({ status: 200, result: null });
  expect(await world.call("DELETE", `${S}/secrets/API_KEY`)).toMatchObject({ status: 404, code: 10056 });
});

test("versions upload deploys nothing, and a secret put is then refused until it is deployed", async () => {
  await world.call("PUT", S, upload());
  const version = await world.call(
    "POST",
    `${S}/versions?bindings_inherit=strict`,
    upload({ annotations: { "workers/tag": "v2" } }),
  );
  expect(version).toMatchObject({ status: 200, result: { number: 2, annotations: { "workers/tag": "v2" } } });
  expect(await world.call("PUT", `${S}/secrets`, { json: { name: "K", text: "v" } })).toMatchObject({ status: 400, code: 10215 });
  const deployed = await world.call("POST", `${S}/deployments`, {
    json: {
      strategy: "percentage",
      versions: [{ version_id: version.result.id, percentage: 100 }],
      annotations: { "workers/message": "go" },
    },
  });
  expect(deployed).toMatchObject({
    status: 200,
    result: { annotations: { "workers/message": "go", "workers/triggered_by": "deployment" } },
  });
  expect(await world.call("PUT", `${S}/secrets`, { json: { name: "K", text: "v" } })).toMatchObject({ status: 200 });
});

test("versions secret put makes a version and deploys nothing", async () => {
  await world.call("PUT", S, upload());
  const patched = await world.call("PATCH", "A/workers/workers/hello/versions/latest", {
    json: { env: { K: { type: "secret_text", text: "v" } }, annotations: { "workers/message": "m" } },
    headers: { "content-type": "application/merge-patch+json" },
  });
  expect(patched).toMatchObject({ status: 200, result: { number: 2, bindings: [{ name: "K", type: "secret_text" }] } });
  const { result } = await world.call("GET", `${S}/deployments`);
  expect(result.deployments[0].versions[0].version_id).not.toBe(patched.result.id);
});

test("a patch of the newest version with deploy=true is live at once, over an undeployed version too", async () => {
  await world.call("PUT", S, upload());
  const patch = (query: string) =>
    world.call("PATCH", `A/workers/workers/hello/versions/latest${query}`, {
      json: { env: { K: { type: "secret_text", text: "v" } } },
    });
  const active = async (): Promise<Json> => (await world.call("GET", `${S}/deployments`)).result.deployments[0].versions;
  const deployed = await patch("?deploy=true");
  expect(deployed).toMatchObject({ status: 200, result: { number: 2 } });
  expect(await active()).toEqual([{ version_id: deployed.result.id, percentage: 100 }]);
  expect((await patch("")).result.number).toBe(3);
  expect(await active()).toEqual([{ version_id: deployed.result.id, percentage: 100 }]);
  const over = await patch("?deploy=true");
  expect(await active()).toEqual([{ version_id: over.result.id, percentage: 100 }]);
});

test("content/v2 gives back the bytes that were uploaded, the entry first", async () => {
  await world.call("PUT", S, upload());
  const { result } = await world.call("GET", `${S}/versions`);
  const content = await world.call("GET", `${S}/content/v2?version=${result.items[0].id}`);
  expect(content.headers.get("cf-entrypoint")).toBe("index.js");
  expect(content.headers.get("content-type")).toMatch(/^multipart\/form-data; boundary=/);
  expect(content.text).toContain(
    `name="index.js"; filename="index.js"\r\nContent-Type: application/javascript+module\r\n\r\n${CODE}\r\n--`,
  );
});

test("whoami: the token is active, belongs to a user, an account and a membership", async () => {
  expect(await world.call("GET", "/user/tokens/verify")).toMatchObject({ status: 200, result: { status: "active" } });
  expect((await world.call("GET", "/user")).result.email).toMatch(/@tokens\.corral\.invalid$/);
  expect((await world.call("GET", "/accounts?page=1")).result).toMatchObject([{ id: world.accountId, name: "Test" }]);
  expect((await world.call("GET", "/accounts?page=2")).result).toEqual([]);
  expect((await world.call("GET", "/memberships?page=1")).result).toMatchObject([{ account: { id: world.accountId } }]);
  expect(await world.call("GET", "A")).toMatchObject({ status: 200, result: { id: world.accountId } });
});
