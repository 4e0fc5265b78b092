import { afterAll, beforeAll, expect, test } from "vitest";
import type { FeedLog } from "@corral/contract";
import { startTestNode, type TestNode } from "../testing/harness.ts";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode({ deadlineMs: 2_000 });
});
afterAll(() => node.stop());

const linesOf = (workerId: string, count: number): Promise<FeedLog[]> =>
  node.feed.waitFor(() => {
    const found = node.feed.logs.filter((line) => line.workerId === workerId);
    return found.length >= count ? found : undefined;
  });

test("what a Worker prints and throws reaches the feed with its name, redacted by the values of its versions", async () => {
  const worker = node.feed.create("talks", { logs: true });
  const version = node.feed.upload(worker, {
    code: `export default { fetch(request, env) {
      console.log("value", env.KEY, { nested: env.KEY, list: [1, null] }, 42);
      console.warn(btoa(env.KEY));
      throw new Error("died of " + env.KEY);
    } }`,
    secrets: { KEY: "hunter2-hunter2" },
  });
  await node.feed.deploy(worker, [{ versionId: version, percentage: 100 }]);
  const { text } = await node.ask("talks");
  const lines = await linesOf(worker, 4);
  expect(JSON.stringify(lines)).not.toContain("hunter2");
  expect(JSON.stringify(lines)).not.toContain(btoa("hunter2-hunter2"));
  expect(lines.every((line) => line.workerName === "talks" && line.versionId === version && line.at > 1.7e12)).toBe(true);
  const texts = lines.map((line) => `${line.level}: ${line.text}`);
  expect(texts).toContain('log: value [REDACTED:KEY] {"nested":"[REDACTED:KEY]","list":[1,null]} 42');
  expect(texts).toContain("warn: [REDACTED:KEY]");
  expect(texts.some((line) => line.startsWith("error: Uncaught Error: died of [REDACTED:KEY]"))).toBe(true);
  const requestId = /Request id: (\S+)/.exec(text)?.[1];
  expect(texts).toContain(`error: request ${requestId} was answered with an error page`);
});

test("an older version's value is covered in what the newer one prints", async () => {
  const worker = node.feed.create("rotates", { logs: true });
  const code = `export default { fetch: async (request, env) => { console.log(await request.text()); return new Response("ok") } }`;
  await node.feed.put(worker, { code, secrets: { KEY: "value-of-yesterday" } });
  await node.feed.put(worker, { code, secrets: { KEY: "value-of-today" } });
  await node.ask("rotates", { method: "POST", body: "value-of-yesterday and value-of-today" });
  expect((await linesOf(worker, 1)).map((line) => line.text)).toEqual(["[REDACTED:KEY] and [REDACTED:KEY]"]);
});

test("a Worker whose logs nobody wants sends none, and is heard once they are wanted", async () => {
  const worker = node.feed.create("quiet");
  const code = `export default { fetch() { console.log("said"); return new Response("ok") } }`;
  const version = node.feed.upload(worker, { code });
  await node.feed.deploy(worker, [{ versionId: version, percentage: 100 }]);
  await node.ask("quiet");
  await node.feed.tamper(worker, (given) => ({ ...given, logs: true }));
  await node.ask("quiet");
  await linesOf(worker, 1);
  expect(node.feed.logs.filter((line) => line.workerId === worker)).toHaveLength(1);
});

test("a start that failed is in the Worker's log, without a value", async () => {
  const worker = node.feed.create("stillborn", { logs: true });
  await node.feed.put(worker, { code: `export default {}` });
  const code = `import { env } from "cloudflare:workers"; throw new Error(env.KEY)`;
  await node.feed.put(worker, { code, secrets: { KEY: "never-to-be-seen" } });
  const [line] = await linesOf(worker, 1);
  expect(line).toMatchObject({ level: "error", text: expect.stringContaining("did not start: Uncaught Error: [REDACTED:KEY]") });
});

test("lines wait while the feed is away, and come in order", async () => {
  const worker = node.feed.create("patient", { logs: true });
  const code = `export default { async fetch(request) { console.log(await request.text()); return new Response("ok") } }`;
  await node.feed.put(worker, { code });
  await node.feed.close();
  for (const body of ["one", "two", "three"]) await node.ask("patient", { method: "POST", body });
  await node.feed.reopen();
  expect((await linesOf(worker, 3)).map((line) => line.text)).toEqual(["one", "two", "three"]);
});

test("a flood costs the Worker its lines and nothing else", async () => {
  const worker = node.feed.create("floods", { logs: true });
  const code = `export default { fetch() { for (let i = 0; i < 2000; i += 1) console.log("x".repeat(1000)); return new Response("ok") } }`;
  await node.feed.put(worker, { code });
  const answers = await Promise.all(Array.from({ length: 10 }, () => node.ask("floods")));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
  await linesOf(worker, 1);
});
