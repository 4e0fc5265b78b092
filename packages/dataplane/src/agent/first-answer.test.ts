import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestNode, type TestNode } from "../testing/harness.ts";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.stop());

const SHOWS_SECRET = `export default { fetch(request, env) { return new Response("key=" + env.KEY) } }`;

test("a version's secret reaches its isolate, and a changed one the next request", async () => {
  const worker = node.feed.create("hello");
  expect(await node.feed.put(worker, { code: SHOWS_SECRET, secrets: { KEY: "first-value" } })).toMatchObject({ state: "live" });
  expect(await node.ask("hello")).toMatchObject({ status: 200, text: "key=first-value" });
  expect(await node.feed.put(worker, { code: SHOWS_SECRET, secrets: { KEY: "second-value" } })).toMatchObject({ state: "live" });
  expect(await node.ask("hello")).toMatchObject({ status: 200, text: "key=second-value" });
});

test("an unknown host is a plain 404", async () => {
  expect(await node.ask("nobody")).toMatchObject({ status: 404, text: "There is no Worker at this address.\n" });
});
