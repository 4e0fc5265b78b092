import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProveAnswer } from "@corral/contract";
import type { FakeVersion } from "../testing/fake-feed.ts";
import { startTestNode, type TestNode } from "../testing/harness.ts";
import { createProver, type ProverClient } from "./client.ts";

let node: TestNode;
let prover: ProverClient;
let worker: string;
beforeAll(async () => {
  node = await startTestNode({ deadlineMs: 2_000 });
  prover = createProver(join(node.directory, "agent.sock"));
  worker = node.feed.create("candidate");
});
afterAll(async () => {
  prover.close();
  await node.stop();
});

const prove = (version: FakeVersion): Promise<ProveAnswer | undefined> => prover.prove(node.feed.candidate(worker, version));

test("a candidate's handlers and named entrypoints are found", async () => {
  const code = `import { WorkerEntrypoint } from "cloudflare:workers";
    export default { fetch() {}, scheduled() {}, helper() {}, text: "no handler" };
    export class Admin extends WorkerEntrypoint { fetch() {} ping() {} }
    export const plain = { fetch() {} }; export function free() {}`;
  expect(await prove({ code })).toEqual({
    ok: true,
    startupTimeMs: expect.any(Number),
    handlers: ["fetch", "scheduled"],
    namedHandlers: [
      { name: "Admin", handlers: ["class", "fetch"] },
      { name: "plain", handlers: ["fetch"] },
    ],
  });
});

test("a service-worker candidate's listeners are its handlers", async () => {
  const body = `addEventListener("fetch", () => {}); addEventListener("scheduled", () => {});`;
  expect(await prove({ syntax: "service-worker", modules: [{ name: "w", type: "cjs", body }] })).toMatchObject({
    ok: true,
    handlers: ["fetch", "scheduled"],
  });
});

test("the top level's own time is counted, and a small module has none", async () => {
  expect(await prove({ code: "export default {}" })).toMatchObject({ ok: true, startupTimeMs: expect.any(Number) });
  const busy = await prove({
    code: "function spin() { let x = 1; for (let i = 0; i < 1e8; i += 1) x = (x ^ (i << 1)) + 1 | 0; return x } export default { x: spin() }",
  });
  expect(busy).toMatchObject({ ok: true });
  expect(busy?.ok === true ? busy.startupTimeMs : 0).toBeGreaterThan(5);
});

test("a candidate that fails is told with its place and without a value, also without a part of one", async () => {
  const code = `import { env } from "cloudflare:workers";\nnull.x(env.KEY);`;
  expect(await prove({ code, secrets: { KEY: "not-for-you" } })).toEqual({
    ok: false,
    kind: "failed",
    reason: "Uncaught TypeError: Cannot read properties of null (reading 'x')\n  at index.js:2:6",
  });
  const throwing = `import { env } from "cloudflare:workers"; throw new Error(env.KEY.slice(2, 9));`;
  const answer = await prove({ code: throwing, secrets: { KEY: "not-for-you" } });
  expect(answer).toMatchObject({ ok: false, kind: "failed", reason: expect.stringMatching(/^Uncaught Error: \[REDACTED:KEY\]/) });
});

test("a candidate whose top level never ends is refused in time, and the next one is proved", async () => {
  const begun = performance.now();
  const [hung, other] = await Promise.all([prove({ code: "for (;;) {}" }), prove({ code: "export default { fetch() {} }" })]);
  expect(hung).toMatchObject({ ok: false, kind: "hung" });
  expect(other).toMatchObject({ ok: true });
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect(await prove({ code: "export default { fetch() {} }" })).toMatchObject({ ok: true });
});

test("a top level that waits for ever is refused", async () => {
  expect(await prove({ code: "await new Promise(() => {}); export default {}" })).toMatchObject({ ok: false });
});

test("a module whose bytes are not its hash is not loaded", async () => {
  const request = node.feed.candidate(worker, { code: "export default { fetch() {} }" });
  const modules = Object.fromEntries(Object.keys(request.modules).map((sha256) => [sha256, Buffer.from("x").toString("base64")]));
  expect(await prover.prove({ ...request, modules })).toBeUndefined();
});

test("modules that are stored already come from the feed", async () => {
  const request = node.feed.candidate(worker, { code: "export default { fetch() {}, email() {} }" });
  expect(await prover.prove({ ...request, modules: {} })).toMatchObject({ ok: true, handlers: ["fetch", "email"] });
});

test("where no node is, there is no answer", async () => {
  const nobody = createProver(join(node.directory, "nobody.sock"));
  expect(await nobody.prove(node.feed.candidate(worker, { code: "" }))).toBeUndefined();
  nobody.close();
});
