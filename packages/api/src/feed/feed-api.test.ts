import { systemRandom } from "@corral/base";
import type { FeedLog } from "@corral/contract";
import type { FeedSource } from "@corral/control";
import type { Hono } from "hono";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openWorld, upload, type World } from "../test-world.ts";
import { createFeedApi } from "./feed-api.ts";

let world: World;
let app: Hono;
let logs: FeedLog[];
let stop: AbortController;
beforeEach(async () => {
  world = await openWorld();
  logs = [];
  stop = new AbortController();
  app = feedApp(world.feed);
});
afterEach(async () => {
  stop.abort();
  await world.close();
});

function feedApp(source: FeedSource): Hono {
  return createFeedApi({
    source,
    random: systemRandom,
    log: (failure) => world.log.push(failure),
    onLogs: (some) => logs.push(...some),
    signal: stop.signal,
    heartbeatMs: 5,
  });
}

const get = async (path: string) => app.request(path);
const post = async (path: string, body: unknown) => app.request(path, { method: "POST", body: JSON.stringify(body) });
const read = async (path: string) => JSON.parse(await (await get(path)).text());

async function deployed(): Promise<string> {
  const put = await world.call(
    "PUT",
    "A/workers/scripts/hello",
    upload({ bindings: [{ type: "secret_text", name: "S", text: "a value" }] }),
  );
  return put.result.tag.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

test("heads, a Worker with its keys and sealed records, a version by id and by prefix, a module", async () => {
  const workerId = await deployed();
  const hello = await read("/feed/hello");
  expect(hello.domains).toContain("localhost");
  expect(await read("/feed/heads")).toMatchObject([{ workerId }]);
  const worker = await read(`/feed/workers/${workerId}`);
  expect(worker).toMatchObject({ head: { name: "hello" }, versions: [{ records: [{ type: "secret_text" }] }] });
  expect(JSON.stringify(worker)).not.toContain("a value");
  const { versionId } = worker.versions[0];
  expect(await read(`/feed/workers/${workerId}/versions/${versionId}`)).toEqual(worker.versions[0]);
  expect(await read(`/feed/workers/${workerId}/versions/${versionId.slice(0, 8)}`)).toEqual(worker.versions[0]);
  const manifest = JSON.parse(Buffer.from(worker.versions[0].manifest, "base64").toString());
  const module = await get(`/feed/modules/${manifest.modules[0].sha256}`);
  expect(await module.text()).toContain("export default");
});

test("what is not there is a 404, what cannot be an id a 400", async () => {
  const absent = "00000000-0000-4000-8000-00000000dead";
  const statuses = [
    `/feed/workers/${absent}`,
    `/feed/workers/${absent}/versions/${absent}`,
    `/feed/modules/${"0".repeat(64)}`,
    "/feed/nothing",
    "/feed/workers/x",
    `/feed/workers/${absent}/versions/x`,
    "/feed/modules/x",
  ].map(async (path) => (await get(path)).status);
  expect(await Promise.all(statuses)).toEqual([404, 404, 404, 404, 400, 400, 400]);
});

test("changes are streamed as lines, with empty ones in between, until the end is told", async () => {
  const response = await get("/feed/changes?after=0");
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  const lines = lineReader(response);
  expect(await lines.next()).toBe("");
  const workerId = await deployed();
  const first = await lines.nextFull();
  expect(first).toMatchObject({ workerId, seq: expect.any(Number), epoch: expect.any(Number) });
  expect(await lines.next()).toBe("");
  await world.call("DELETE", "A/workers/scripts/hello");
  expect(await lines.nextFull()).toMatchObject({ workerId, epoch: null });
  stop.abort();
  expect(await lines.rest()).toMatch(/^\n*$/);
});

test("a stream that its reader leaves lets go of the source", async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const source: FeedSource = {
    ...world.feed,
    async *changes(_seq, signal) {
      signal.addEventListener("abort", () => resolve(undefined));
      await promise;
      yield* [];
    },
  };
  app = feedApp(source);
  const reader = (await get("/feed/changes")).body?.getReader();
  // The greeting, then a line that says that nothing has changed: the source is being waited for.
  await reader?.read();
  await reader?.read();
  await reader?.cancel();
  await promise;
  expect(stop.signal.aborted).toBe(false);
});

test("a state and logs are taken when they are well-formed", async () => {
  const workerId = await deployed();
  const state = { node: "n1", workerId, epoch: 1, state: "live" };
  expect((await post("/feed/states", state)).status).toBe(200);
  const answer = await world.call("GET", "/corral/v1/workers/hello/state");
  expect(answer.result).toMatchObject({ settled: true, nodes: [{ node: "n1", state: "live", epoch: 1, reason: null }] });
  const log = { workerId, workerName: "hello", versionId: workerId, at: 1, level: "log", text: "line\n" };
  expect((await post("/feed/logs", [log])).status).toBe(200);
  expect(logs).toEqual([log]);
});

test.each([
  ["/feed/states", { node: "n1", workerId: "x", epoch: 1, state: "live" }],
  ["/feed/states", { node: "n1", workerId: "00000000-0000-4000-8000-00000000dead", epoch: -1, state: "live" }],
  ["/feed/states", { node: "", workerId: "00000000-0000-4000-8000-00000000dead", epoch: 1, state: "live" }],
  ["/feed/states", []],
  ["/feed/logs", {}],
  ["/feed/logs", [{ text: 5 }]],
])("%s refuses %j", async (path, body) => {
  const answer = await post(path, body);
  expect(answer.status).toBe(400);
  expect(world.log).toEqual([]);
});

function lineReader(response: Response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = "";
  async function next(): Promise<string> {
    for (;;) {
      const end = buffered.indexOf("\n");
      if (end >= 0) {
        const line = buffered.slice(0, end);
        buffered = buffered.slice(end + 1);
        return line;
      }
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done || value === undefined) throw new Error("the stream ended");
      buffered += value;
    }
  }
  return {
    next,
    async nextFull(): Promise<unknown> {
      for (;;) {
        const line = await next();
        if (line !== "") return JSON.parse(line);
      }
    },
    async rest(): Promise<string> {
      for (;;) {
        const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) return buffered;
        buffered += value ?? "";
      }
    },
  };
}
