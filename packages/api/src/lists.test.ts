/** Every list honours page and per_page and ends; the SDK's iterators go on until a page is empty (wire.md 2). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Json, openWorld, upload, type World } from "./test-world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
  for (const name of ["a", "b", "c", "d", "e"]) await world.call("PUT", `A/workers/scripts/${name}`, upload());
  for (let index = 0; index < 4; index++)
    await world.call("PUT", "A/workers/scripts/a/secrets", { json: { name: `K${index}`, text: "v" } });
});
afterAll(() => world.close());

const lists: readonly (readonly [path: string, items: (result: Json) => readonly Json[], total: number])[] = [
  ["/accounts", (result) => result, 1],
  ["/memberships", (result) => result, 1],
  ["/zones", (result) => result, 0],
  ["A/workers/workers", (result) => result, 5],
  ["A/workers/scripts-search", (result) => result, 5],
  ["A/workers/workers/a/versions", (result) => result, 5],
  ["A/workers/scripts/a/versions", (result) => result.items, 5],
  ["A/workers/scripts/a/deployments", (result) => result.deployments, 5],
  ["A/storage/kv/namespaces", (result) => result, 0],
  ["A/workers/durable_objects/namespaces", (result) => result, 0],
];

test.each(lists)("%s is walked page by page to its end", async (path, items, total) => {
  const seen = new Set<string>();
  let pages = 0;
  for (let page = 1; ; page++) {
    const answer = await world.call("GET", `${path}?page=${page}&per_page=2`);
    const shown = items(answer.result);
    if (shown.length === 0) break;
    pages++;
    for (const item of shown) seen.add(item.id);
  }
  expect([seen.size, pages]).toEqual([total, Math.ceil(total / 2)]);
});

test("result_info tells where one is, and nonsense in the query is as if it were not there", async () => {
  const { body } = await world.call("GET", "A/workers/workers?page=2&per_page=2");
  expect(body.result_info).toEqual({ page: 2, per_page: 2, count: 2, total_count: 5, total_pages: 3 });
  const strange = await world.call("GET", "A/workers/workers?page=-1&per_page=x");
  expect(strange.body.result_info).toMatchObject({ page: 1, per_page: 10, count: 5 });
  expect((await world.call("GET", "A/workers/workers?page=0&per_page=999999999")).body.result_info).toMatchObject({
    page: 1,
    per_page: 100,
  });
});

test("versions and deployments come newest first", async () => {
  const { result } = await world.call("GET", "A/workers/scripts/a/versions");
  expect(result.items.map((version: Json) => version.number)).toEqual([5, 4, 3, 2, 1]);
  const { deployments } = (await world.call("GET", "A/workers/scripts/a/deployments")).result;
  expect(deployments[0].versions[0].version_id).toBe(result.items[0].id);
});

test("the list of scripts is whole, by name", async () => {
  const { result } = await world.call("GET", "A/workers/scripts");
  expect(result.map((script: Json) => script.id)).toEqual(["a", "b", "c", "d", "e"]);
});
