import { afterEach, expect, test } from "vitest";
import { startTestNode, type TestNode } from "../testing/harness.ts";

const nodes: TestNode[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
});

async function start(...given: Parameters<typeof startTestNode>): Promise<TestNode> {
  const node = await startTestNode(...given);
  nodes.push(node);
  return node;
}

const SAYS = (text: string) => `export default { fetch: () => new Response(${JSON.stringify(text)}) }`;

test("what was deployed before the agent started answers at once, and is loaded by its first request", async () => {
  const node = await start({}, (feed) => {
    for (const name of ["one", "two"]) void feed.put(feed.create(name), { code: SAYS(name) });
  });
  expect(await node.ask("one")).toMatchObject({ status: 200, text: "one" });
  expect(await node.ask("two")).toMatchObject({ status: 200, text: "two" });
});

test("while the control plane is away the last good routes serve, and what changed meanwhile comes with it", async () => {
  const node = await start();
  const worker = node.feed.create("lasting");
  const removed = node.feed.create("removed");
  await node.feed.put(worker, { code: SAYS("before") });
  await node.feed.put(removed, { code: SAYS("soon gone") });
  await node.feed.close();
  const later = node.feed.put(worker, { code: SAYS("after") });
  node.feed.remove(removed);
  expect(await node.ask("lasting")).toMatchObject({ text: "before" });
  await node.feed.reopen();
  expect(await later).toMatchObject({ state: "live" });
  expect(await node.ask("lasting")).toMatchObject({ text: "after" });
  await expect.poll(async () => (await node.ask("removed")).status).toBe(404);
});

test("many heads at once end at the newest", async () => {
  const node = await start();
  const worker = node.feed.create("busy");
  const states = Array.from({ length: 20 }, (_, at) => node.feed.put(worker, { code: SAYS(`version ${at}`) }));
  await states.at(-1);
  expect(await node.ask("busy")).toMatchObject({ text: "version 19" });
});

test("a module whose bytes are not its hash is not loaded", async () => {
  const node = await start();
  const worker = node.feed.create("swapped");
  node.feed.corruptModules = true;
  expect(await node.feed.put(worker, { code: SAYS("never") })).toMatchObject({
    state: "failed",
    reason: "A stored version or head does not carry a valid MAC.",
  });
  expect(await node.ask("swapped")).toMatchObject({ status: 404 });
});
