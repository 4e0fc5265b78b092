/**
 * Everything that `corral up` starts, in the order in which each part needs the one before, and stopped in reverse.
 *
 *   key file looked at ─ data directory locked ─ control plane ─ feed and API listen ─ agent ─ hello ─ endpoints.json
 *
 * Until the key has proved to be the right one nothing on the disk changes.
 */
import { join } from "node:path";
import { parseFault, systemClock, systemRandom } from "@corral/base";
import type { FeedLog } from "@corral/contract";
import { createProver } from "@corral/dataplane";
import { lockDataDirectory } from "@corral/storage";
import { type AgentProcess, startAgentProcess } from "./agent-process.ts";
import { DRAIN_MS } from "./agent-wire.ts";
import type { UpConfig } from "./config.ts";
import { type ControlPlane, DATABASE, makePrivateDirectory, openControlPlane } from "./control-plane.ts";
import { type Endpoints, removeEndpoints, writeEndpoints } from "./endpoints.ts";
import { deployHello, HELLO } from "./hello.ts";
import { checkKeyFile, lookForData, openKeyFile } from "./key-file.ts";
import { listenForApi, listenForFeed } from "./listeners.ts";
import type { OperatorLog } from "./logs.ts";
import { endAtOnce, openProcessRecords } from "./processes.ts";
import { openRunDirectory, runDirectoryPath } from "./run-directory.ts";

const HOST = "127.0.0.1";
const NODE = "local";
/** What the agent needs beside the drain; supervisors kill after 20 s and more. */
const AGENT_END_MS = DRAIN_MS + 4_000;
/** A hello that is not live by then is reported by its state; Corral is ready all the same. */
const HELLO_MS = 15_000;

export interface UpOptions {
  readonly config: UpConfig;
  readonly log: OperatorLog;
  onWorkerLog(log: FeedLog): void;
  /** Aborted: stop starting. */
  readonly stopped: AbortSignal;
}

export interface Running {
  readonly endpoints: Endpoints;
  stop(): Promise<void>;
}

/** Throws CorralError "kek.*", "data.locked", "storage.*", StartError or AgentFailure; nothing is left running then. */
export async function startUp(options: UpOptions): Promise<Running> {
  await using undo = new AsyncDisposableStack();
  const endpoints = await start(options, undo);
  const stack = undo.move();
  return { endpoints, stop: () => stack.disposeAsync() };
}

async function start({ config, log, onWorkerLog, stopped }: UpOptions, undo: AsyncDisposableStack): Promise<Endpoints> {
  const { dataDirectory } = config;
  const key = lookForData(join(dataDirectory, DATABASE), config.kekFile);
  await checkKeyFile(key, systemRandom);
  await makePrivateDirectory(dataDirectory);
  const lock = lockDataDirectory(join(dataDirectory, "lock"));
  undo.defer(() => lock.release());

  const kek = await openKeyFile(key, systemRandom);
  const faults = config.fault === undefined ? undefined : parseFault(config.fault, endAtOnce);
  const parts = {
    dataDirectory,
    kek,
    clock: systemClock,
    random: systemRandom,
    ...(faults !== undefined && { faults }),
  };
  const agentSocket = join(runDirectoryPath(dataDirectory), "agent.sock");
  const prover = createProver(agentSocket);
  undo.defer(() => prover.close());
  const plane = await openControlPlane({ ...parts, prover });
  undo.defer(() => plane.close());

  await removeEndpoints(dataDirectory);
  const processes = openProcessRecords(dataDirectory);
  const orphans = await processes.endOrphans();
  if (orphans > 0) log.write({ event: "orphans.ended", count: orphans });
  undo.defer(() => processes.clear());
  const run = await openRunDirectory(dataDirectory);
  undo.defer(() => run.remove());

  const feedSocket = join(run.path, "feed.sock");
  const feed = await listenForFeed({ source: plane.feed, log, onLogs: (logs) => logs.forEach(onWorkerLog) }, feedSocket);
  undo.defer(() => feed.close());
  const api = await listenForApi(plane.control, log, HOST, config.apiPort, plane.tails);
  undo.defer(() => api.close());

  const agent = startAgentProcess({
    settings: {
      node: NODE,
      feedSocket,
      agentSocket,
      runDirectory: run.path,
      stateDirectory: join(dataDirectory, "node"),
      host: HOST,
      workersPort: config.workersPort,
      ...(config.fault !== undefined && { fault: config.fault }),
    },
    log,
    onChild: (what, pid) => void processes.add(what, pid),
  });
  undo.defer(() => agent.stop(AGENT_END_MS));
  const workersPort = await readyOrStopped(agent, stopped);
  await bringHello(plane, stopped);

  const endpoints: Endpoints = {
    apiUrl: `http://${HOST}:${api.port}/client/v4`,
    workersUrl: `http://${HOST}:${workersPort}/`,
    accountId: plane.accountId,
    tokenFile: plane.tokenFile,
    pid: process.pid,
  };
  await writeEndpoints(dataDirectory, endpoints);
  undo.defer(() => removeEndpoints(dataDirectory));
  return endpoints;
}

async function readyOrStopped(agent: AgentProcess, stopped: AbortSignal): Promise<number> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new Error("stopped while starting"));
  if (stopped.aborted) stop();
  stopped.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([agent.ready, promise]);
  } finally {
    stopped.removeEventListener("abort", stop);
  }
}

/** The example answers before Corral says that it is ready. */
async function bringHello({ control, self }: ControlPlane, stopped: AbortSignal): Promise<void> {
  stopped.throwIfAborted();
  const epoch = await deployHello(control, self, systemRandom);
  if (epoch !== undefined) await control.deployments.states(self, HELLO, { epoch, timeoutMs: HELLO_MS });
}
