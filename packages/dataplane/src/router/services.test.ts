import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestNode, type TestNode } from "../testing/harness.ts";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.stop());

const CALLEE = (name: string) => `import { WorkerEntrypoint } from "cloudflare:workers";
  export default class extends WorkerEntrypoint {
    async fetch(request) { return new Response("${name} " + request.method + " " + new URL(request.url).pathname + " " + await request.text() + " " + this.env.KEY) }
    add(a, b) { return a + b }
    async stream() { return new Response("body").body }
  }
  export class Named extends WorkerEntrypoint { fetch() { return new Response("named of ${name}") } hello(x) { return "hello " + x.name } }`;
const service = (name: string, to: string, entrypoint: string | null = null) =>
  ({ type: "service", name, service: to, environment: null, entrypoint }) as const;

test("a service binding has fetch, RPC and named entrypoints of the other Worker, with that Worker's env", async () => {
  await node.feed.put(node.feed.create("callee"), { code: CALLEE("one"), secrets: { KEY: "callee-secret" } });
  await node.feed.put(node.feed.create("caller"), {
    code: `export default { async fetch(request, env) { return Response.json([
      await (await env.SVC.fetch("http://x/path", { method: "POST", body: "sent" })).text(),
      await env.SVC.add(3, 4),
      await new Response(await env.SVC.stream()).text(),
      await (await env.NAMED.fetch(request)).text(),
      await env.NAMED.hello({ name: "you" }),
      await env.SVC.nothing().catch((e) => e.message),
      await env.SVC.env?.KEY?.then?.(String, () => "unreadable"),
    ]) } }`,
    bindings: [service("SVC", "callee"), service("NAMED", "callee", "Named")],
  });
  const { text } = await node.ask("caller");
  expect(JSON.parse(text)).toEqual([
    "one POST /path sent callee-secret",
    7,
    "body",
    "named of one",
    "hello you",
    expect.stringContaining("nothing"),
    "unreadable",
  ]);
});

test("a service binding follows the callee's own deployment, and fails clearly while there is none", async () => {
  const callee = node.feed.create("later");
  await node.feed.put(node.feed.create("asks"), {
    code: `export default { fetch: (request, env) => env.SVC.fetch(request).catch((e) => new Response(e.message)) }`,
    bindings: [service("SVC", "later")],
  });
  expect((await node.ask("asks")).text).toContain("is not deployed");
  const first = node.feed.upload(callee, { code: CALLEE("first") });
  const second = node.feed.upload(callee, { code: CALLEE("second") });
  await node.feed.deploy(callee, [{ versionId: first, percentage: 100 }]);
  expect((await node.ask("asks")).text).toContain("first");
  await node.feed.deploy(callee, [
    { versionId: first, percentage: 0 },
    { versionId: second, percentage: 100 },
  ]);
  expect((await node.ask("asks")).text).toContain("second");
  const headers = { "Cloudflare-Workers-Version-Overrides": `later="${first}"` };
  expect((await node.ask("asks", { headers })).text).toContain("first");
});

test("a service binding cannot reach what Corral puts into every isolate", async () => {
  await node.feed.put(node.feed.create("victim"), { code: CALLEE("victim") });
  await node.feed.put(node.feed.create("nosy"), {
    code: `export default { async fetch(request, env) { return new Response(await env.SVC.describe().then(JSON.stringify, (e) => e.message)) } }`,
    bindings: [service("SVC", "victim", "__corral")],
  });
  expect((await node.ask("nosy")).text).toContain("no such entrypoint");
});
