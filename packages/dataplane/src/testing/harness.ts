/** A node of its own for one test: fake feed, real keyring, real workerd, a port of its own. */
import { request } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@corral/base";
import { type AgentEvent, type AgentOptions, type RunningAgent, startAgent } from "../agent/agent.ts";
import { type FakeFeed, startFakeFeed } from "./fake-feed.ts";

export interface TestNode {
  readonly directory: string;
  readonly feed: FakeFeed;
  readonly agent: RunningAgent;
  readonly events: AgentEvent[];
  /** Resolves at the first event of this kind after `from`. */
  event<K extends AgentEvent["event"]>(kind: K, from?: number): Promise<Extract<AgentEvent, { event: K }>>;
  /** Asks `http://<host>.localhost/`. */
  ask(host: string, init?: AskInit): Promise<Answer>;
  askHost(host: string, init?: AskInit): Promise<Answer>;
  /** Stops the agent and starts it again on the same port and directory. */
  restart(meanwhile?: () => void): Promise<void>;
  stop(): Promise<void>;
}

export interface AskInit {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** `before` runs when the feed is there and the agent is not. */
export async function startTestNode(
  options: Partial<AgentOptions> = {},
  before: (feed: FakeFeed) => void = () => {},
): Promise<TestNode> {
  const directory = await mkdtemp(join(tmpdir(), "corral-dp-"));
  const feed = await startFakeFeed(directory);
  before(feed);
  const events: AgentEvent[] = [];
  const watchers = new Set<() => void>();
  const start = (workersPort: number): Promise<RunningAgent> =>
    startAgent({
      node: "node-1",
      feedSocketPath: feed.socket,
      agentSocketPath: join(directory, "agent.sock"),
      runDirectory: directory,
      stateDirectory: join(directory, "state"),
      workersHost: "127.0.0.1",
      workersPort,
      clock: systemClock,
      log(event) {
        events.push(event);
        for (const look of watchers) look();
      },
      processes: 1,
      ...options,
    });
  let agent = await start(options.workersPort ?? 0);
  return {
    directory,
    feed,
    get agent() {
      return agent;
    },
    events,
    event: (kind, from = 0) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.slice(from).find(({ event }) => event === kind);
          if (found === undefined) return;
          watchers.delete(look);
          resolve(found as Extract<AgentEvent, { event: typeof kind }>);
        };
        watchers.add(look);
        look();
      }),
    askHost: (host, init) => ask(agent.port, host, init),
    ask: (host, init) => ask(agent.port, `${host}.localhost`, init),
    async restart(meanwhile = () => {}) {
      await agent.stop(2_000);
      meanwhile();
      agent = await start(agent.port);
    },
    async stop() {
      await agent.stop(2_000);
      await feed.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A connection of its own, so that no answer depends on a kept one. */
export function ask(port: number, host: string, init: AskInit = {}): Promise<Answer> {
  const { path = "/", headers = {}, method = "GET", body } = init;
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers: { host, ...headers }, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode = 0 } = response;
        resolve({ status: statusCode, text: Buffer.concat(parts).toString("utf8"), headers: response.headers });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
