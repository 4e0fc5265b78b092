import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startTestNode, type TestNode } from "../testing/harness.ts";

let node: TestNode;
beforeEach(async () => {
  node = await startTestNode({ deadlineMs: 2_000 });
});
afterEach(() => node.stop());

const SAYS = (text: string) => `export default { fetch: () => new Response(${JSON.stringify(text)}) }`;
const lastState = (workerId: string, kind: string, from: number) =>
  node.feed.waitFor(() => node.feed.states.slice(from).find((state) => state.workerId === workerId && state.state === kind));

test("a version that did not start does not come by a restart: the last good one goes on, and the failure is told again", async () => {
  const worker = node.feed.create("stubborn");
  await node.feed.put(worker, { code: SAYS("good") });
  const failed = await node.feed.put(worker, { code: `throw new Error("bad")` });
  expect(failed.state).toBe("failed");
  for (let round = 0; round < 2; round += 1) {
    const from = node.feed.states.length;
    await node.restart();
    expect(await node.ask("stubborn")).toMatchObject({ status: 200, text: "good" });
    expect(await lastState(worker, "failed", from)).toEqual(failed);
  }
  expect(await node.feed.put(worker, { code: SAYS("better") })).toMatchObject({ state: "live" });
  await node.restart();
  expect(await node.ask("stubborn")).toMatchObject({ text: "better" });
});

test("a version that came while the agent was down is tried before it takes the last good one's place", async () => {
  const [good, bad] = [node.feed.create("good"), node.feed.create("bad")];
  await node.feed.put(good, { code: SAYS("old") });
  await node.feed.put(bad, { code: SAYS("old") });
  let states: Promise<unknown> | undefined;
  await node.restart(() => {
    states = Promise.all([
      node.feed.put(good, { code: SAYS("new") }),
      node.feed.put(bad, { code: `throw new Error("never starts")` }),
    ]);
  });
  // It is ready: nobody sees an older version than the newest that starts, however early he asks.
  expect(await node.ask("good")).toMatchObject({ text: "new" });
  expect(await node.ask("bad")).toMatchObject({ text: "old" });
  expect(await states).toMatchObject([{ state: "live" }, { state: "failed" }]);
  expect(node.events.some(({ event }) => event === "start.behind")).toBe(false);
});

test("a start does not wait for a version that takes too long: the last good one serves, and a line says so", async () => {
  const slow = await startTestNode({ deadlineMs: 1_500, catchUpMs: 100 });
  try {
    const worker = slow.feed.create("slow");
    await slow.feed.put(worker, { code: SAYS("old") });
    let state: Promise<unknown> | undefined;
    await slow.restart(() => {
      state = slow.feed.put(worker, { code: `for (;;) {}` });
    });
    expect(await slow.ask("slow")).toMatchObject({ text: "old" });
    expect(slow.events).toContainEqual({ event: "start.behind", count: 1 });
    expect(await state).toMatchObject({ state: "failed" });
  } finally {
    await slow.stop();
  }
});

test("an epoch that went back while the agent was down does not go unnoticed", async () => {
  const worker = node.feed.create("restored");
  const first = node.feed.upload(worker, { code: SAYS("first") });
  await node.feed.deploy(worker, [{ versionId: first, percentage: 100 }]);
  await node.feed.put(worker, { code: SAYS("second") });
  const from = node.feed.states.length;
  await node.restart(() => void node.feed.deploy(worker, [{ versionId: first, percentage: 100 }], { epoch: 2 }));
  expect(await lastState(worker, "failed", from)).toMatchObject({ reason: expect.stringContaining("an epoch went back") });
  expect(await node.ask("restored")).toMatchObject({ text: "second" });
});

test("the journal holds no value and no key, and a damaged line or a forged head costs nothing", async () => {
  const worker = node.feed.create("written");
  const code = `export default { fetch: (request, env) => new Response(env.KEY) }`;
  await node.feed.put(worker, { code, secrets: { KEY: "canary-in-journal" } });
  const file = join(node.directory, "state", "heads.ndjson");
  let before = "";
  await node.restart(() => {});
  before = await readFile(file, "utf8");
  expect(before).toContain(worker);
  expect(before).not.toContain("canary");
  const [entry = ""] = before.trim().split("\n").slice(-1);
  await appendFile(file, `{"torn\n${entry.replace('"written"', '"stolen"').replace('"epoch":2', '"epoch":1')}\n`);
  await node.restart();
  expect(await node.ask("written")).toMatchObject({ text: "canary-in-journal" });
  expect(await node.ask("stolen")).toMatchObject({ status: 404 });
});
