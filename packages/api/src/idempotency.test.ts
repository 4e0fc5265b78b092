import { afterEach, beforeEach, expect, test } from "vitest";
import { type Json, openWorld, upload, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.call("PUT", S, upload());
});
afterEach(() => world.close());

const S = "A/workers/scripts/hello";
const put = (text: string, key: string) =>
  world.call("PUT", `${S}/secrets`, { json: { name: "A", text }, headers: { "idempotency-key": key } });

async function versions(): Promise<number> {
  return (await world.call("GET", `${S}/versions`)).result.items.length;
}

test("a repeated request with its key gets the first answer and changes nothing", async () => {
  const first = await put("v", "one");
  const count = await versions();
  const again = await put("v", "one");
  expect(again).toMatchObject({ status: first.status, text: first.text });
  expect(await versions()).toBe(count);
  expect(again.headers.get("cf-ray")).not.toBe(first.headers.get("cf-ray"));
});

test("two at once with one key make one change and get one answer", async () => {
  const count = await versions();
  const [one, other] = await Promise.all([put("v", "same"), put("v", "same")]);
  expect(one.text).toBe(other.text);
  expect(await versions()).toBe(count + 1);
});

test("a key that was used for another body, path or method is refused", async () => {
  await put("v", "one");
  expect(await put("w", "one")).toMatchObject({ status: 400, code: 10026 });
  const headers = { "idempotency-key": "one" };
  expect(await world.call("DELETE", `${S}/secrets/A`, { headers })).toMatchObject({ status: 400, code: 10026 });
});

test("a version and a deployment answer the repetition with the same id", async () => {
  const headers = { "idempotency-key": "version" };
  const create = () => world.call("POST", `${S}/versions`, { ...upload(), headers: { ...upload().headers, ...headers } });
  const version = await create();
  expect((await create()).result.id).toBe(version.result.id);
  const deploy = (): Promise<Json> =>
    world.call("POST", `${S}/deployments`, {
      json: { strategy: "percentage", versions: [{ version_id: version.result.id, percentage: 100 }] },
      headers: { "idempotency-key": "deployment" },
    });
  expect((await deploy()).result.id).toBe((await deploy()).result.id);
});

test("a refused request may be repeated with its key once it has become possible", async () => {
  const version = await world.call("POST", `${S}/versions`, upload());
  expect(await put("v", "later")).toMatchObject({ code: 10215 });
  await world.call("POST", `${S}/deployments`, {
    json: { strategy: "percentage", versions: [{ version_id: version.result.id, percentage: 100 }] },
  });
  expect(await put("v", "later")).toMatchObject({ status: 200 });
});
