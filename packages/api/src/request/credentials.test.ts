import { afterAll, beforeAll, expect, test } from "vitest";
import { call, openWorld, type World } from "../test-world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const get = (path: string, headers: Readonly<Record<string, string>>) => call(world.app, "GET", `/client/v4${path}`, headers);
/** Well-formed, of nobody. */
const STRANGER = "crl_b_AAAAAAAAAAAA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA000000";

const doors = ["/user", "/user/tokens/verify", "/accounts", "/memberships", "/accounts/0/workers/scripts", "/nowhere"];

test.each(doors)("%s without credentials is refused with 9106", async (path) => {
  expect(await get(path, {})).toMatchObject({
    status: 400,
    code: 9106,
    message: "Missing X-Auth-Key, X-Auth-Email or Authorization headers",
  });
});

test.each(["token", "Basic abc", "Bearer", "Bearer ", "Bearer a b", "Bearer å"])(
  "the Authorization header %j is refused with 6003 and its chain",
  async (authorization) => {
    const answer = await get("/user", { authorization });
    expect(answer).toMatchObject({ status: 400, code: 6003, message: "Invalid request headers" });
    expect(answer.body.errors[0].error_chain).toEqual([{ code: 6111, message: "Invalid format for Authorization header" }]);
  },
);

const unknown: readonly (readonly [string, number, number])[] = [
  ["/user/tokens/verify", 401, 1000],
  ["/user", 403, 9109],
  ["/accounts", 403, 9109],
  // wrangler 4.90 and later stop at 9109 here, and go on at 10000.
  ["/memberships", 403, 10000],
  ["/accounts/0/workers/scripts", 403, 10000],
];

test.each(unknown)("an unknown token at %s is refused with %i and %i", async (path, status, code) => {
  const answer = await get(path, { authorization: `Bearer ${STRANGER}` });
  expect(answer).toMatchObject({ status, code });
  expect(answer.text).not.toContain(STRANGER);
});

test("a token is also taken as X-Auth-Key with X-Auth-Email, and not without", async () => {
  expect(await get("/user", { "x-auth-key": world.token, "x-auth-email": "a@b.c" })).toMatchObject({ status: 200 });
  expect(await get("/user", { "x-auth-key": world.token })).toMatchObject({ status: 400, code: 9106 });
  expect(await get("/user", { "x-auth-key": "a b", "x-auth-email": "a@b.c" })).toMatchObject({ status: 400, code: 6003 });
});

test("a token of one account is refused at another, whether that exists or not", async () => {
  const other = "0".repeat(32);
  const headers = { authorization: `Bearer ${world.token}` };
  expect(await get(`/accounts/${other}/workers/scripts`, headers)).toMatchObject({ status: 403, code: 10000 });
  expect(await get(`/accounts/${other}`, headers)).toMatchObject({ status: 403, code: 10000 });
  expect(await get(`/accounts/${world.accountId.toUpperCase()}/workers/scripts`, headers)).toMatchObject({ code: 10000 });
});

test("a token with too few rights is refused with 10000", async () => {
  const made = await world.call("POST", "/corral/v1/tokens", { json: { name: "reader", scopes: ["workers:read"] } });
  const headers = { authorization: `Bearer ${made.result.token}` };
  expect(await get(`/accounts/${world.accountId}/workers/scripts`, headers)).toMatchObject({ status: 200 });
  const put = await call(world.app, "PUT", `/client/v4/accounts/${world.accountId}/workers/scripts/a/secrets`, headers, {
    json: { name: "A", text: "b" },
  });
  expect(put).toMatchObject({ status: 403, code: 10000 });
});
