import { Agent, request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestNode, type TestNode } from "../testing/harness.ts";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode({ processes: 2, evictAfterMs: 100 });
});
afterAll(() => node.stop());

const CODE = `export default { fetch: (request, env) => new Response(env.KEY) }`;
const ROTATIONS = 25;
const CONNECTIONS = 8;

interface Load {
  readonly statuses: Map<number, number>;
  readonly failures: string[];
  /** What was last answered on each connection. */
  readonly seen: string[];
  stop(): Promise<void>;
}

function startLoad(port: number): Load {
  const statuses = new Map<number, number>();
  const failures: string[] = [];
  const seen: string[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const over = new AbortController();

  function once(connection: number): Promise<void> {
    return new Promise((resolve) => {
      const sent = request({ host: "127.0.0.1", port, agent, headers: { host: "loaded.localhost" } }, (response) => {
        statuses.set(response.statusCode ?? 0, (statuses.get(response.statusCode ?? 0) ?? 0) + 1);
        let text = "";
        response.on("data", (part) => (text += String(part)));
        response.on("end", () => {
          seen[connection] = text;
          resolve();
        });
      });
      sent.once("error", (error) => {
        failures.push(error.message);
        resolve();
      });
      sent.end();
    });
  }

  const running = Array.from({ length: CONNECTIONS }, async (_, connection) => {
    while (!over.signal.aborted) await once(connection);
  });
  return {
    statuses,
    failures,
    seen,
    async stop() {
      over.abort();
      await Promise.all(running);
      agent.destroy();
    },
  };
}

test("no request fails while secrets are rotated under load, and after a rotation is live none sees the old value", async () => {
  const worker = node.feed.create("loaded");
  await node.feed.put(worker, { code: CODE, secrets: { KEY: "value-0" } });
  const load = startLoad(node.agent.port);
  for (let at = 1; at <= ROTATIONS; at += 1) {
    const state = await node.feed.put(worker, { code: CODE, secrets: { KEY: `value-${at}` } });
    expect(state).toMatchObject({ state: "live" });
    expect(await node.ask("loaded")).toMatchObject({ status: 200, text: `value-${at}` });
  }
  await load.stop();
  expect(load.failures).toEqual([]);
  expect([...load.statuses.keys()]).toEqual([200]);
  expect(load.statuses.get(200)).toBeGreaterThan(ROTATIONS * CONNECTIONS);
});
