/** Issue 2's list and more: each a 4xx envelope with the code of wire.md, nothing stored, nothing echoed, no 5xx. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { CODE, type CallInit, form, type Json, openWorld, upload, type World } from "./test-world.ts";

let world: World;
let versionId: string;
beforeAll(async () => {
  world = await openWorld({ bodies: { upload: 100_000, bulk: 100_000, json: 10_000 } });
  await world.call("PUT", S, upload());
  versionId = (await versions())[0].id;
});
afterAll(() => world.close());

const S = "A/workers/scripts/hello";
const CANARY = "cnry-7Gd93kQmZx";
const secret = (name: Json, text: Json = CANARY) => ({ json: { name, text, type: "secret_text" } });
const raw = (body: string | Uint8Array, type = "application/json"): CallInit => ({ body, headers: { "content-type": type } });
const shares = (...list: readonly (readonly [string, Json])[]) => ({
  json: { strategy: "percentage", versions: list.map(([version_id, percentage]) => ({ version_id, percentage })) },
});
const bindings = (...list: readonly Json[]) => upload({ bindings: list });

async function versions(): Promise<Json> {
  return (await world.call("GET", `${S}/versions`)).result.items;
}

const UNKNOWN = "00000000-0000-4000-8000-00000000dead";

const refusals: readonly (readonly [title: string, code: number, method: string, path: string, init: () => CallInit])[] = [
  ["a body that is no JSON", 10026, "PUT", `${S}/secrets`, () => raw(`{"name":"A","text":"${CANARY}`)],
  ["a value where JSON should be", 10026, "PUT", `${S}/secrets`, () => raw(CANARY)],
  ["no body", 10001, "PUT", `${S}/secrets`, () => ({})],
  ["a list for an object", 10001, "PUT", `${S}/secrets`, () => raw(`["${CANARY}"]`)],
  ["a key twice", 10026, "PUT", `${S}/secrets`, () => raw(`{"name":"A","text":"${CANARY}","text":"b"}`)],
  ["__proto__ as a key", 10026, "PUT", `${S}/secrets`, () => raw(`{"name":"A","text":"${CANARY}","__proto__":{}}`)],
  ["nesting beyond measure", 10026, "PUT", `${S}/secrets`, () => raw("[".repeat(5000))],
  ["bytes that are not UTF-8", 10026, "PUT", `${S}/secrets`, () => raw(Uint8Array.of(0x7b, 0x22, 0xff, 0xfe))],
  ["a bare NUL", 10026, "PUT", `${S}/secrets`, () => raw(`{"name":"A\0","text":"${CANARY}"}`)],
  ["a NUL in a name", 10001, "PUT", `${S}/secrets`, () => secret("A\0B")],
  ["a NUL in a value", 10001, "PUT", `${S}/secrets`, () => secret("A", `${CANARY}\0`)],
  ["half a character in a value", 10021, "PUT", `${S}/secrets`, () => raw(`{"name":"A","text":"${CANARY}\\ud800"}`)],
  ["a number for a value", 10001, "PUT", `${S}/secrets`, () => secret("A", 5)],
  ["a secret without a name", 10001, "PUT", `${S}/secrets`, () => raw(`{"text":"${CANARY}"}`)],
  ["a secret with an empty name", 10052, "PUT", `${S}/secrets`, () => secret("")],
  ["a secret's name of 300 characters", 10052, "PUT", `${S}/secrets`, () => secret("N".repeat(300))],
  ["a secret called __proto__", 10052, "PUT", `${S}/secrets`, () => secret("__proto__")],
  ["a secret of an unknown type", 10001, "PUT", `${S}/secrets`, () => ({ json: { name: "A", text: CANARY, type: CANARY } })],
  ["a body over the limit", 10027, "PUT", `${S}/secrets`, () => secret("A", CANARY.repeat(1000))],
  ["a bulk without its wrapper", 10001, "PATCH", `${S}/secrets-bulk`, () => ({ json: { A: { text: CANARY } } })],
  [
    "a bulk with a value that is a number",
    10001,
    "PATCH",
    `${S}/secrets-bulk`,
    () => ({ json: { secrets: { [CANARY]: { text: 1 } } } }),
  ],
  ["a bulk with a list", 10001, "PATCH", `${S}/secrets-bulk`, () => ({ json: { secrets: [CANARY] } })],
  ["a Worker's name of 300 characters", 10016, "PUT", `A/workers/scripts/${"n".repeat(300)}`, () => upload()],
  ["a Worker's name in capitals", 10016, "PUT", "A/workers/scripts/Hello", () => upload()],
  ["a Worker's name with a blank", 10016, "PUT", "A/workers/scripts/a%20b", () => upload()],
  ["a percent sign that is none", 7003, "GET", "A/workers/scripts/a%zz/secrets", () => ({})],
  ["a NUL in the path", 7003, "GET", "A/workers/scripts/a%00/secrets", () => ({})],
  ["a Worker that is not there", 10007, "GET", "A/workers/scripts/absent/secrets", () => ({})],
  ["a route that is not there", 7003, "GET", "A/workers/nothing", () => ({})],
  ["a method that is not there", 7003, "PATCH", `${S}/secrets`, () => ({})],
  ["another product", 7003, "GET", "A/queues", () => ({})],
  ["another account", 10000, "GET", "/accounts/00000000000000000000000000000000/workers/scripts", () => ({})],
  [
    "multipart without an end",
    10026,
    "PUT",
    S,
    () => raw('--x\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{}', "multipart/form-data; boundary=x"),
  ],
  ["multipart without its boundary", 10026, "PUT", S, () => raw(CANARY, "multipart/form-data")],
  [
    "multipart with another boundary",
    10026,
    "PUT",
    S,
    () => ({ ...upload(), headers: { "content-type": "multipart/form-data; boundary=other" } }),
  ],
  [
    "a part without a name",
    10026,
    "PUT",
    S,
    () => raw("--x\r\nContent-Type: text/plain\r\n\r\na\r\n--x--", "multipart/form-data; boundary=x"),
  ],
  ["no metadata", 10021, "PUT", S, () => form([{ name: "index.js", filename: "index.js", content: CODE }])],
  ["metadata that is no JSON", 10021, "PUT", S, () => form([{ name: "metadata", content: `{"main_module":"${CANARY}` }])],
  ["a main module that is not there", 10021, "PUT", S, () => upload({ main_module: CANARY })],
  ["no main module", 10021, "PUT", S, () => upload({ main_module: undefined })],
  ["two parts of one name", 10021, "PUT", S, () => twice()],
  ["a part that is no module", 10021, "PUT", S, () => withType(CANARY)],
  ["a body that is no upload", 10021, "PUT", S, () => ({ json: { main_module: "a" } })],
  ["an upload over the limit", 10027, "PUT", S, () => upload({}, CANARY.repeat(10_000))],
  [
    "two bindings of one name",
    10053,
    "PUT",
    S,
    () => bindings({ type: "plain_text", name: "A", text: CANARY }, { type: "secret_text", name: "A", text: CANARY }),
  ],
  ["an unknown binding type", 10021, "PUT", S, () => bindings({ type: CANARY, name: "A" })],
  [
    "a binding type that Corral has not",
    10021,
    "PUT",
    S,
    () => bindings({ type: "kv_namespace", name: "A", namespace_id: CANARY }),
  ],
  ["a binding without a name", 10052, "PUT", S, () => bindings({ type: "plain_text", text: CANARY })],
  ["a binding without a type", 10021, "PUT", S, () => bindings({ name: "A", text: CANARY })],
  ["a binding that is no object", 10021, "PUT", S, () => bindings(CANARY)],
  ["bindings that are no list", 10021, "PUT", S, () => upload({ bindings: CANARY })],
  ["a secret binding without a value", 10021, "PUT", S, () => bindings({ type: "secret_text", name: "A" })],
  ["a blob binding without its part", 10021, "PUT", S, () => bindings({ type: "text_blob", name: "A", part: "absent" })],
  [
    "a secret key of an unknown format",
    10021,
    "PUT",
    S,
    () => bindings({ type: "secret_key", name: "A", format: CANARY, algorithm: {}, usages: [], key_base64: CANARY }),
  ],
  [
    "a required secret that is not there",
    10057,
    "PUT",
    `${S}?bindings_inherit=strict`,
    () => bindings({ type: "inherit", name: "NEEDED" }),
  ],
  ["Durable Object migrations", 10021, "PUT", S, () => upload({ migrations: { new_tag: "v1", new_classes: ["A"] } })],
  ["static assets", 10021, "PUT", S, () => upload({ assets: { jwt: CANARY } })],
  ["a compatibility date that is none", 10021, "PUT", S, () => upload({ compatibility_date: CANARY })],
  ["shares that sum to 90", 10021, "POST", `${S}/deployments`, () => shares([versionId, 90])],
  ["a share of 101", 10021, "POST", `${S}/deployments`, () => shares([versionId, 101])],
  ["a share below zero", 10021, "POST", `${S}/deployments`, () => shares([versionId, -1], [UNKNOWN, 101])],
  ["a share that is text", 10001, "POST", `${S}/deployments`, () => shares([versionId, CANARY])],
  ["the same version twice", 10021, "POST", `${S}/deployments`, () => shares([versionId, 50], [versionId, 50])],
  ["no versions", 10021, "POST", `${S}/deployments`, () => shares()],
  ["an unknown version", 10021, "POST", `${S}/deployments`, () => shares([UNKNOWN, 100])],
  ["a version that is no id", 10021, "POST", `${S}/deployments`, () => shares([CANARY, 100])],
  ["an unknown strategy", 10001, "POST", `${S}/deployments`, () => ({ json: { strategy: CANARY, versions: [] } })],
  ["a version that is not there", 100146, "GET", `${S}/versions/${UNKNOWN}`, () => ({})],
  ["a version whose id is none", 100146, "GET", `${S}/versions/${CANARY}`, () => ({})],
  ["a deployment that is not there", 10336, "GET", `${S}/deployments/${UNKNOWN}`, () => ({})],
  ["content of a version that is not there", 100146, "GET", `${S}/content/v2?version=${UNKNOWN}`, () => ({})],
  ["a cron that is none", 10001, "PUT", `${S}/schedules`, () => ({ json: [{ cron: CANARY }] })],
  ["another workers.dev label", 10036, "PUT", "A/workers/subdomain", () => ({ json: { subdomain: CANARY } })],
  [
    "a filter of tails that there is not",
    10001,
    "POST",
    `${S}/tails`,
    () => raw('{"filters":[{"x":1}]}', "text/plain;charset=UTF-8"),
  ],
  [
    "an idempotency key with a blank",
    10026,
    "PUT",
    `${S}/secrets`,
    () => ({ ...secret("A"), headers: { "idempotency-key": "a b" } }),
  ],
  [
    "base64 that is none",
    10001,
    "POST",
    "A/workers/workers/hello/versions",
    () => ({
      json: {
        main_module: "a.js",
        modules: [{ name: "a.js", content_type: "application/javascript+module", content_base64: `!${CANARY}` }],
      },
    }),
  ],
  [
    "a version of JSON without modules",
    10001,
    "POST",
    "A/workers/workers/hello/versions",
    () => ({ json: { main_module: "a.js" } }),
  ],
  [
    "new modules in a patch of the newest version",
    10001,
    "PATCH",
    "A/workers/workers/hello/versions/latest",
    () => ({ json: { modules: [] } }),
  ],
  ["a Worker whose name is taken", 10040, "POST", "A/workers/workers", () => ({ json: { name: "hello" } })],
];

function twice(): CallInit {
  const part = { name: "index.js", filename: "index.js", type: "application/javascript+module", content: CODE };
  return form([{ name: "metadata", content: '{"main_module":"index.js"}' }, part, part]);
}

function withType(type: string): CallInit {
  return form([
    { name: "metadata", content: '{"main_module":"index.js"}' },
    { name: "index.js", filename: "index.js", type, content: CODE },
  ]);
}

test.each(refusals)("%s is refused with %i, and nothing is stored", async (_title, code, method, path, init) => {
  const before = await world.call("GET", `${S}/versions`);
  const answer = await world.call(method, path, init());
  expect({ code: answer.code, message: answer.message }).toMatchObject({ code });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.body).toMatchObject({ result: null, success: false, messages: [] });
  expect(answer.text).not.toContain(CANARY);
  expect(answer.headers.get("x-should-retry")).toBe("false");
  expect((await world.call("GET", `${S}/versions`)).result).toEqual(before.result);
  expect(world.log).toEqual([]);
});

test("a patch of the newest version that states more than secrets is refused by the name of the field, and makes nothing", async () => {
  await world.call("PUT", "A/workers/scripts/patched", upload());
  for (const field of ["compatibility_date", "compatibility_flags", "limits", "placement", "bindings", "modules"]) {
    const body = { json: { env: { A: { type: "secret_text", text: "a" } }, [field]: null } };
    const answer = await world.call("PATCH", "A/workers/workers/patched/versions/latest", body);
    expect(answer).toMatchObject({ status: 400, message: expect.stringContaining(field) });
  }
  expect((await world.call("GET", "A/workers/scripts/patched/versions")).result.items).toHaveLength(1);
});
