/** Our own routes: each example of the documentation runs, and its answer is what the OpenAPI document says. */
import { CORRAL_BASE, corralOperations, type CorralRouteId, corralRoutes } from "@corral/contract";
import { Ajv } from "ajv";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answer, call, type Json, openWorld, upload, type World } from "./test-world.ts";

let world: World;
let document: Json;
beforeAll(async () => {
  world = await openWorld();
  await world.call("PUT", "A/workers/scripts/hello", upload());
  for (const text of ["one", "two"]) {
    await world.call("PUT", "A/workers/scripts/hello/secrets", { json: { name: "API_KEY", text } });
  }
  document = (await world.call("GET", `${CORRAL_BASE}/openapi.json`)).body;
});
afterAll(() => world.close());

const ids = Object.keys(corralRoutes) as CorralRouteId[];
const ajv = new Ajv({ strict: false, validateFormats: false });

async function run(id: CorralRouteId): Promise<Answer> {
  const { path, body } = corralOperations[id].example;
  const { result } = await world.call("POST", "/corral/v1/tokens", { json: { name: "other", scopes: ["workers:read"] } });
  const filled = CORRAL_BASE + path.replace("{token_id}", result.id);
  return world.call(corralRoutes[id].method, filled, body === undefined ? {} : { json: body });
}

test.each(ids)("the example of %s runs and its answer is as documented", async (id) => {
  const { method, path } = corralRoutes[id];
  const answer = await run(id);
  expect({ status: answer.status, message: answer.message }).toEqual({ status: 200, message: undefined });
  const schema = document.paths[path][method.toLowerCase()].responses["200"].content?.["application/json"].schema ?? {};
  const validate = ajv.compile(schema);
  expect(validate(answer.body ?? {}) ? null : validate.errors).toBeNull();
});

test("a refusal is the documented failure", async () => {
  const validate = ajv.compile(document.components.schemas.Failure);
  const answer = await world.call("GET", "/corral/v1/workers/absent/state");
  expect(validate(answer.body) ? null : validate.errors).toBeNull();
});

test("only health and the documentation answer without a token", async () => {
  const statuses = await Promise.all(
    ids.map(async (id) => {
      const { path } = corralOperations[id].example;
      const answer = await call(world.app, corralRoutes[id].method, CORRAL_BASE + path, {});
      return [id, answer.status] as const;
    }),
  );
  const expected = ids.map((id) => [id, corralOperations[id].open === true ? 200 : 400] as const);
  expect(statuses).toEqual(expected);
});

test("the page names every route and brings nothing from elsewhere", async () => {
  const page = await world.call("GET", "/corral/v1/docs");
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  for (const { method, path } of Object.values(corralRoutes)) expect(page.text).toContain(`${method} ${path}`);
  expect(page.text).not.toMatch(/<script|src=|https?:/);
});

test("health tells what the server says of itself", async () => {
  const starting = await openWorld({ health: async () => "starting" });
  expect(await starting.call("GET", "/corral/v1/health")).toMatchObject({ status: 503, result: { status: "starting" } });
  await starting.close();
  const broken = await openWorld({ health: () => Promise.reject(new Error("cnry")) });
  const answer = await broken.call("GET", "/corral/v1/health");
  expect(answer).toMatchObject({ status: 503, result: { status: "stopping" } });
  await broken.close();
});

test("a token is shown once, works, and ends when it is revoked", async () => {
  const made = await world.call("POST", "/corral/v1/tokens", { json: { name: "ci", scopes: ["secrets:list"] } });
  const headers = { authorization: `Bearer ${made.result.token}` };
  const secrets = `/client/v4/accounts/${world.accountId}/workers/scripts/hello/secrets`;
  expect(await call(world.app, "GET", secrets, headers)).toMatchObject({ status: 200 });
  const list = await world.call("GET", "/corral/v1/tokens");
  expect(list.text).not.toContain(made.result.token);
  await world.call("DELETE", `/corral/v1/tokens/${made.result.id}`);
  expect(await call(world.app, "GET", secrets, headers)).toMatchObject({ status: 403, code: 10000 });
});

test("destroying a secret's old values kills the versions that need them, and none that is in use", async () => {
  const path = "/corral/v1/workers/hello/secrets/API_KEY/destroy";
  const dry = await world.call("POST", `${path}?dry_run=true`);
  expect(dry.result.versions).toHaveLength(1);
  const wet = await world.call("POST", path);
  expect(wet.result).toEqual({ versions: dry.result.versions, dry_run: false });
  expect((await world.call("GET", `A/workers/scripts/hello/versions/${dry.result.versions[0]}`)).code).toBe(100146);
  expect((await world.call("GET", "A/workers/scripts/hello/secrets")).result).toHaveLength(1);
});

test("the audit list says who did what to which secret, and under which request", async () => {
  const put = await world.call("PUT", "A/workers/scripts/hello/secrets", { json: { name: "AUDITED", text: "cnry-value" } });
  const audit = await world.call("GET", "/corral/v1/audit?per_page=1");
  expect(audit.result).toMatchObject([{ worker: "hello", subject: "AUDITED", request_id: put.headers.get("cf-ray") }]);
  expect(audit.text).not.toContain("cnry-value");
});
