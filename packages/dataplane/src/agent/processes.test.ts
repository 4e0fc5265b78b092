import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { ask, startTestNode, type TestNode } from "../testing/harness.ts";

const nodes: TestNode[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
});

async function start(...given: Parameters<typeof startTestNode>): Promise<TestNode> {
  const node = await startTestNode(...given);
  nodes.push(node);
  return node;
}

const ECHOES = `export default { fetch: (request, env) => new Response(env.KEY) }`;
/** A zombie is dead, whenever its parent looks. */
const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

test("a killed workerd is back by itself on the same port with the same routes and values", async () => {
  const node = await start({ processes: 2 });
  await node.feed.put(node.feed.create("steady"), { code: ECHOES, secrets: { KEY: "kept-value" } });
  await node.feed.close();
  for (const pid of node.agent.pids) process.kill(pid, "SIGKILL");
  // The socket stays open: this request waits in its backlog.
  expect(await node.ask("steady")).toMatchObject({ status: 200, text: "kept-value" });
  await node.event("runtime.ended");
  await node.feed.reopen();
});

test("a process that hangs while it serves is found by its heartbeat and replaced", async () => {
  const node = await start({ health: { pingEveryMs: 50, hungAfterMs: 400 } });
  await node.feed.put(node.feed.create("fine"), { code: ECHOES, secrets: { KEY: "fine-value" } });
  await node.feed.put(node.feed.create("spins"), { code: `export default { fetch() { while (true) {} } }` });
  await expect(node.ask("spins")).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(await node.event("runtime.ended")).toMatchObject({ code: "hung" });
  expect(await node.ask("fine")).toMatchObject({ status: 200, text: "fine-value" });
});

test("a Worker that hangs processes again and again is held, the others go on, and a new deployment ends that", async () => {
  const node = await start({ health: { pingEveryMs: 30, hungAfterMs: 300 } });
  await node.feed.put(node.feed.create("bystander"), { code: ECHOES, secrets: { KEY: "unharmed" } });
  const worker = node.feed.create("culprit");
  const code = `export default { fetch(request) { console.log("noise"); while (request.url.endsWith("/hang")) {} return new Response("ok") } }`;
  await node.feed.put(worker, { code });
  for (let round = 0; round < 3; round += 1) {
    expect(await node.ask("bystander")).toMatchObject({ text: "unharmed" });
    await expect(node.ask("culprit", { path: "/hang" })).rejects.toMatchObject({ code: "ECONNRESET" });
  }
  expect(await node.event("worker.held")).toMatchObject({ workerId: worker });
  await expect.poll(async () => (await node.ask("culprit")).status).toBe(503);
  expect(await node.ask("bystander")).toMatchObject({ text: "unharmed" });
  await node.feed.waitFor(() => node.feed.states.find((state) => state.workerId === worker && state.state === "failed"));
  await node.feed.put(worker, { code: code.replace("/hang", "/never") });
  expect(await node.ask("culprit")).toMatchObject({ text: "ok" });
});

test("a process that grows beyond its memory is ended and replaced", async () => {
  const node = await start({ health: { memoryEveryMs: 20, maxResidentBytes: 300 * 1024 ** 2 } });
  await node.feed.put(node.feed.create("grows"), {
    code: `const kept = []; export default { async fetch() { for (;;) { kept.push(new Uint8Array(8 << 20).fill(1)); await scheduler.wait(1) } } }`,
  });
  await expect(node.ask("grows")).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(await node.event("runtime.ended")).toMatchObject({ code: "memory" });
});

test("no value is in an argument, an environment or a file of a process, and none may dump core", async () => {
  const node = await start();
  await node.feed.put(node.feed.create("hides"), { code: ECHOES, secrets: { KEY: "canary-in-the-mine" } });
  expect(await node.ask("hides")).toMatchObject({ text: "canary-in-the-mine" });
  for (const pid of node.agent.pids) {
    expect(await readFile(`/proc/${pid}/environ`, "utf8")).toBe("");
    expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).not.toContain("canary");
    expect(await readFile(`/proc/${pid}/limits`, "utf8")).toMatch(/Max core file size\s+0\s+0/);
  }
  for (const name of ["runtime.capnp", "scratch.capnp", "router.js"]) {
    expect(await readFile(`${node.directory}/${name}`, "utf8")).not.toContain("canary");
  }
});

test("workerd ends with its agent, also after kill -9, and the next agent finds nothing to clear", async () => {
  const node = await start();
  const program = fileURLToPath(new URL("../testing/tiny-agent.ts", import.meta.url));
  const directory = `${node.directory}/tiny`;
  const tiny = spawn(process.execPath, [program, node.feed.socket, directory], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await new Promise<string[]>((resolve) => {
    createInterface({ input: tiny.stdout }).once("line", (text) => resolve([text]));
  });
  const { pids, port } = JSON.parse(line ?? "") as { readonly pids: number[]; readonly port: number };
  expect(pids.every(isAlive)).toBe(true);
  await node.feed.put(node.feed.create("both"), { code: ECHOES, secrets: { KEY: "on-both" } });
  await expect.poll(async () => (await ask(port, "both.localhost")).text).toBe("on-both");
  tiny.kill("SIGKILL");
  await expect.poll(() => pids.some(isAlive), { timeout: 5_000 }).toBe(false);
});

test("an orphan of an earlier run in the same directory is ended at the start", async () => {
  const node = await start();
  const [pid = 0] = node.agent.pids;
  const { endOrphans } = await import("../supervisor/orphans.ts");
  expect(await endOrphans(`${node.directory}/elsewhere`)).toBe(0);
  expect(isAlive(pid)).toBe(true);
  expect(await endOrphans(node.directory)).toBeGreaterThan(0);
  expect(await node.event("runtime.ended")).toMatchObject({ pid });
});

test("a port that is taken is refused with the system's code", async () => {
  const node = await start();
  const second = startTestNode({ workersPort: node.agent.port });
  await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("a stop lets a running request end", async () => {
  const node = await startTestNode();
  await node.feed.put(node.feed.create("slow"), {
    code: `export default { fetch(request, env, ctx) {
      const { readable, writable } = new TransformStream();
      ctx.waitUntil((async () => {
        const writer = writable.getWriter();
        await writer.write(new TextEncoder().encode("begun "));
        await scheduler.wait(300);
        await writer.write(new TextEncoder().encode("done"));
        await writer.close();
      })());
      return new Response(readable);
    } }`,
  });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { host: "slow.localhost" };
    request({ host: "127.0.0.1", port: node.agent.port, headers, agent: false }, resolve).once("error", reject).end();
  });
  const parts: string[] = [];
  let stopped: Promise<void> | undefined;
  for await (const part of response) {
    parts.push(String(part));
    stopped ??= node.stop();
  }
  expect(parts.join("")).toBe("begun done");
  await stopped;
});
