import { afterAll, beforeAll, expect, test } from "vitest";
import { isAccountId } from "@corral/base";
import { startTestNode, type TestNode } from "../testing/harness.ts";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode({ processes: 2, deadlineMs: 700, evictAfterMs: 50, health: { hungAfterMs: 700 } });
});
afterAll(() => node.stop());

const SAYS = (text: string) => `export default { fetch: () => new Response(${JSON.stringify(text)}) }`;
const ECHOES = `export default { fetch: (request, env) => new Response(env.KEY) }`;

test("a version that throws at its start leaves the old one serving, and the reason shows no value", async () => {
  const worker = node.feed.create("throws");
  await node.feed.put(worker, { code: ECHOES, secrets: { KEY: "good-value" } });
  const code = `import { env } from "cloudflare:workers"; throw new Error("cannot use " + env.KEY + " / " + env.KEY.slice(4, 12));`;
  const state = await node.feed.put(worker, { code, secrets: { KEY: "hush-hush-value" } });
  expect(state).toMatchObject({
    state: "failed",
    reason: expect.stringMatching(/^Uncaught Error: cannot use \[REDACTED:KEY\] \/ \[REDACTED:KEY\]\n {2}at index\.js:1:\d+$/),
    versionId: expect.any(String),
  });
  expect(await node.ask("throws")).toMatchObject({ status: 200, text: "good-value" });
});

test("a syntax error is reported with its place", async () => {
  const state = await node.feed.put(node.feed.create("syntax"), { code: "export default { fetch() { retrun 1 } }" });
  expect(state).toMatchObject({
    state: "failed",
    reason: expect.stringMatching(/^Uncaught SyntaxError: .*\n {2}at index\.js:1:34$/),
  });
});

test("a version whose top level never ends is refused and hurts no live Worker", async () => {
  const other = node.feed.create("neighbour");
  await node.feed.put(other, { code: SAYS("still here") });
  const { pids } = node.agent;
  const state = await node.feed.put(node.feed.create("hangs"), { code: `while (true) {} export default {}` });
  expect(state).toMatchObject({ state: "failed", reason: "The top level did not end within 700 ms." });
  expect(node.agent.pids).toEqual(pids);
  expect(await node.ask("neighbour")).toMatchObject({ text: "still here" });
});

test("a secret that makes known code hang is refused; it costs one process of those that serve, which comes back", async () => {
  const worker = node.feed.create("hangs-by-value");
  const code = `import { env } from "cloudflare:workers"; while (env.KEY === "hang-now") {} ${ECHOES}`;
  await node.feed.put(worker, { code, secrets: { KEY: "works-well" } });
  const { pids } = node.agent;
  const from = node.events.length;
  const state = await node.feed.put(worker, { code, secrets: { KEY: "hang-now" } });
  expect(state).toMatchObject({ state: "failed", reason: "The top level did not end within 700 ms." });
  expect(await node.ask("hangs-by-value")).toMatchObject({ status: 200, text: "works-well" });
  expect(node.agent.pids.filter((pid) => pids.includes(pid))).toHaveLength(1);
  expect(await node.event("runtime.ended", from)).toMatchObject({ code: "load-hung" });
  expect(await node.ask("neighbour")).toMatchObject({ text: "still here" });
});

test("a start that computes for long and ends is no hang", async () => {
  const worker = node.feed.create("computes");
  const code = `let x = 0; for (let at = 0; at < 1e8; at += 1) x = (x + at) | 0; ${SAYS("done")}`;
  expect(await node.feed.put(worker, { code })).toMatchObject({ state: "live" });
  expect(await node.ask("computes")).toMatchObject({ text: "done" });
});

test("a failed deployment is followed by a good one", async () => {
  const worker = node.feed.create("recovers");
  const version = node.feed.upload(worker, { code: `if (globalThis.process) {} throw new Error("no")` });
  expect(await node.feed.deploy(worker, [{ versionId: version, percentage: 100 }])).toMatchObject({ state: "failed" });
  expect(await node.ask("recovers")).toMatchObject({ status: 404 });
  expect(await node.feed.put(worker, { code: SAYS("well") })).toMatchObject({ state: "live" });
  expect(await node.ask("recovers")).toMatchObject({ text: "well" });
});

test("a version that did not start is tried again when it is deployed again, and refused again", async () => {
  const worker = node.feed.create("again");
  await node.feed.put(worker, { code: SAYS("good") });
  const bad = node.feed.upload(worker, { code: `throw new Error("no")` });
  for (let round = 0; round < 2; round += 1) {
    expect(await node.feed.deploy(worker, [{ versionId: bad, percentage: 100 }])).toMatchObject({ state: "failed" });
    expect(await node.ask("again")).toMatchObject({ text: "good" });
  }
});

test("heads, manifests, modules and records that were tampered with are refused before anything is opened", async () => {
  const worker = node.feed.create("forged");
  await node.feed.put(worker, { code: ECHOES, secrets: { KEY: "true-value" } });
  const refused = { state: "failed", reason: "A stored version or head does not carry a valid MAC." };
  const original = await new Promise<Parameters<Parameters<typeof node.feed.tamper>[1]>[0]>((resolve) => {
    void node.feed.tamper(worker, (given) => {
      resolve(given);
      return { ...given, head: { ...given.head, epoch: given.head.epoch + 1 } };
    });
  });
  const next = original.head.epoch + 1;
  expect(await node.feed.tamper(worker, () => ({ ...original, head: { ...original.head, epoch: next } }))).toMatchObject(refused);
  expect(await node.feed.tamper(worker, () => ({ ...original, head: { ...original.head, name: "hello" } }))).toMatchObject(
    refused,
  );
  const [version] = original.versions;
  if (version === undefined) throw new Error("no version");
  const manifest = Buffer.from(Buffer.from(version.manifest, "base64").toString("utf8").replace("KEY", "YEK")).toString("base64");
  expect(await node.feed.tamper(worker, () => ({ ...original, versions: [{ ...version, manifest }] }))).toMatchObject(refused);
  expect(await node.ask("forged")).toMatchObject({ text: "true-value" });
  expect(isAccountId(original.accountId)).toBe(true);
});

test("an epoch that goes back is refused", async () => {
  const worker = node.feed.create("goes-back");
  const first = node.feed.upload(worker, { code: SAYS("first") });
  await node.feed.deploy(worker, [{ versionId: first, percentage: 100 }]);
  await node.feed.put(worker, { code: SAYS("second") });
  const state = await node.feed.deploy(worker, [{ versionId: first, percentage: 100 }], { epoch: 2 });
  expect(state).toMatchObject({ state: "live", epoch: 2 });
  const again = await node.feed.waitFor(() =>
    node.feed.states.find(({ workerId, epoch, state: kind }) => workerId === worker && epoch === 2 && kind === "failed"),
  );
  expect(again.reason).toContain("an epoch went back");
  expect(await node.ask("goes-back")).toMatchObject({ text: "second" });
});

test("a Worker that is deleted, renamed or not routed any more does not answer at its old host", async () => {
  const worker = node.feed.create("moves", { hostnames: ["Shop.Example.com"] });
  const version = node.feed.upload(worker, { code: SAYS("here") });
  const shares = [{ versionId: version, percentage: 100 }];
  await node.feed.deploy(worker, shares);
  expect(await node.ask("moves")).toMatchObject({ text: "here" });
  expect(await node.askHost("shop.example.com:8080")).toMatchObject({ text: "here" });
  await node.feed.deploy(worker, shares, { name: "moved" });
  expect(await node.ask("moves")).toMatchObject({ status: 404 });
  expect(await node.ask("moved")).toMatchObject({ text: "here" });
  await node.feed.deploy(worker, shares, { routed: false });
  expect(await node.ask("moved")).toMatchObject({ status: 404 });
  expect(await node.askHost("SHOP.example.com.")).toMatchObject({ text: "here" });
  node.feed.remove(worker);
  await expect.poll(async () => (await node.askHost("shop.example.com")).status).toBe(404);
});

test("a preview host reaches one version, deployed or not; an exact name wins; switched off it is unknown", async () => {
  const worker = node.feed.create("shown");
  const deployed = node.feed.upload(worker, { code: SAYS("deployed") });
  const shares = [{ versionId: deployed, percentage: 100 }];
  await node.feed.deploy(worker, shares);
  const draft = node.feed.upload(worker, { code: ECHOES, secrets: { KEY: "draft-value" } });
  const host = `${draft.slice(0, 8)}-shown`;
  expect(await node.ask(host)).toMatchObject({ text: "draft-value" });
  expect(await node.ask(`${deployed.slice(0, 8)}-shown`)).toMatchObject({ text: "deployed" });
  expect(await node.ask("00000000-shown")).toMatchObject({ status: 404 });
  const namesake = node.feed.create(host);
  await node.feed.put(namesake, { code: SAYS("the namesake") });
  expect(await node.ask(host)).toMatchObject({ text: "the namesake" });
  node.feed.remove(namesake);
  await expect.poll(async () => (await node.ask(host)).text).toBe("draft-value");
  await node.feed.deploy(worker, shares, { previews: false });
  expect(await node.ask(host)).toMatchObject({ status: 404 });
});

test("what a Worker throws is not shown to its client", async () => {
  const worker = node.feed.create("secretive");
  await node.feed.put(worker, {
    code: `export default { fetch(r, env) { throw new Error(env.KEY) } }`,
    secrets: { KEY: "do-not-show" },
  });
  const { status, text, headers } = await node.ask("secretive");
  expect(status).toBe(500);
  expect(text).toMatch(/^Error 1101: the Worker threw an exception\.\nRequest id: [0-9a-f-]{36}\n$/);
  expect(JSON.stringify(headers)).not.toContain("do-not-show");
});

test("a version that was evicted loads again when it is deployed again", async () => {
  const worker = node.feed.create("returns");
  const first = node.feed.upload(worker, { code: SAYS("first") });
  await node.feed.deploy(worker, [{ versionId: first, percentage: 100 }]);
  for (const text of ["second", "third"]) {
    const before = node.events.length;
    await node.feed.put(worker, { code: SAYS(text) });
    expect(await node.ask("returns")).toMatchObject({ text });
    expect(await node.event("isolate.evicted", before)).toMatchObject({ workerId: worker });
  }
  await node.feed.deploy(worker, [{ versionId: first, percentage: 100 }]);
  expect(await node.ask("returns")).toMatchObject({ text: "first" });
});
