/**
 * The node agent: follows the feed, runs workerd, opens values, ships logs. A library: its process entry is the
 * server's.
 */
import { join } from "node:path";
import { type Clock, type FaultPoints, noFaults, type Uuid } from "@corral/base";
import { createFeedClient } from "../feed/client.ts";
import { startFollower } from "../feed/follower.ts";
import { createModuleStore } from "../loader/modules.ts";
import { createRedactors } from "../logs/redactors.ts";
import { createLogShipper } from "../logs/shipper.ts";
import { createScratch } from "../prove/scratch.ts";
import { serveProve } from "../prove/server.ts";
import { openListener } from "../supervisor/listener.ts";
import { endOrphans } from "../supervisor/orphans.ts";
import { within } from "../supervisor/pause.ts";
import { defaultHealth, defaultProcesses, startRuntime, writeRuntimeFiles } from "../supervisor/runtime.ts";
import type { EndReason } from "../supervisor/slot.ts";
import { startWorkerd } from "../supervisor/workerd.ts";
import { type HealthLimits, pulseEveryMs } from "../supervisor/watch.ts";
import { workerdBinary } from "../workerd-package.ts";
import { serveCode } from "./code-server.ts";
import { createDeployer } from "./deployer.ts";
import { createIsolateCode } from "./isolate-code.ts";
import { Isolates } from "./isolates.ts";
import { openJournal } from "./journal.ts";
import type { Installation } from "./placed-worker.ts";
import { createPreviews } from "./previews.ts";
import { createReporter } from "./reporter.ts";
import { createRetirement } from "./retirement.ts";

export interface AgentOptions {
  /** This node's name, in the states it reports. */
  readonly node: string;
  readonly feedSocketPath: string;
  /** Where `POST /agent/prove` is answered. */
  readonly agentSocketPath: string;
  /** 0700, and short: names of 32 bytes must fit below 104. */
  readonly runDirectory: string;
  /** Where heads are remembered over a restart; without it they are not. */
  readonly stateDirectory?: string;
  readonly workersHost: string;
  /** 0: any free one. */
  readonly workersPort: number;
  readonly clock: Clock;
  readonly log: (event: AgentEvent) => void;
  /** Runtime processes that share the public socket; one per core unless given. */
  readonly processes?: number;
  /** For the top level of a version, in processor time where it computes (supervisor/pulse.ts). */
  readonly deadlineMs?: number;
  /** From a route's end to its isolate's. */
  readonly evictAfterMs?: number;
  readonly reconcileEveryMs?: number;
  /** How long a start may take to bring every Worker to its newest head; then what was live before serves. */
  readonly catchUpMs?: number;
  readonly health?: Partial<HealthLimits>;
  /** CIDR ranges that Workers may reach beside the public internet. */
  readonly allowedNetworks?: readonly string[];
  /** For tests. */
  readonly faults?: FaultPoints;
}

export type AgentEvent =
  | { readonly event: "runtime.started"; readonly pid: number }
  | { readonly event: "runtime.ended"; readonly pid: number; readonly code: EndReason }
  | { readonly event: "runtime.orphans"; readonly count: number }
  | { readonly event: "deployment.live"; readonly workerId: Uuid; readonly epoch: number }
  | { readonly event: "deployment.failed"; readonly workerId: Uuid; readonly epoch: number }
  | { readonly event: "worker.held"; readonly workerId: Uuid }
  /** So many Workers serve what was live before this start, because their newest head could not be tried in time. */
  | { readonly event: "start.behind"; readonly count: number }
  | { readonly event: "isolate.evicted"; readonly workerId: Uuid }
  | { readonly event: "logs.dropped"; readonly count: number };

export interface RunningAgent {
  readonly port: number;
  readonly pids: readonly number[];
  /** Lets requests end for `graceMs` at most, then ends all that it started. */
  stop(graceMs: number): Promise<void>;
}

const DEFAULTS = { deadlineMs: 5_000, evictAfterMs: 10_000, reconcileEveryMs: 30_000, catchUpMs: 10_000 } as const;
const SCRATCH_PROCESSES = 3;
const APPLIES_AT_ONCE = 8;
const OPEN_AFTER_MS = 2_000;

/**
 * Resolves when every head that the control plane has was applied or has failed, at the latest `catchUpMs` after traffic
 * is let in: nobody who asks
 * after that sees an older version than the newest that starts. Waits for the control plane, however long that takes.
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const { clock, log, runDirectory } = options;
  const settings = { ...DEFAULTS, ...options };
  const health = { ...defaultHealth, ...options.health };
  const orphans = await endOrphans(runDirectory);
  if (orphans > 0) log({ event: "runtime.orphans", count: orphans });
  const journal = await openJournal(options.stateDirectory);
  const listener = await openListener(options.workersHost, options.workersPort);
  const feed = createFeedClient(options.feedSocketPath);
  const isolates = new Isolates();
  const modules = createModuleStore((sha256) => feed.getModule(sha256));
  const codeOf = createIsolateCode(isolates, modules, clock);
  const codeSocket = join(runDirectory, "code.sock");
  let installation: Installation | undefined;
  const installed = (): Installation => {
    if (installation === undefined) throw new Error("internal: the feed has not said hello");
    return installation;
  };
  const reporter = createReporter(feed, (state) => {
    const { workerId, epoch } = state;
    if (state.state === "live") log({ event: "deployment.live", workerId, epoch });
    if (state.state === "failed") log({ event: "deployment.failed", workerId, epoch });
  });
  const shipper = createLogShipper({
    redactors: createRedactors((workerId) => isolates.versionsOf(workerId)),
    clock,
    find(workerId) {
      const worker = deployer.placed.get(workerId);
      return worker && { name: worker.head.name, logs: worker.logs, tailed: worker.tailed };
    },
    send: (logs) => feed.sendLogs(logs),
    sendTraces: (traces) => feed.sendTraces(traces),
  });
  const runtime = await startRuntime({
    directory: runDirectory,
    codeSocket,
    codeOf,
    listener,
    processes: options.processes ?? defaultProcesses(),
    allowed: options.allowedNetworks ?? [],
    health,
    clock,
    onStarted: (pid) => log({ event: "runtime.started", pid }),
    onEnded: (pid, code) => log({ event: "runtime.ended", pid, code }),
    onHeld: (workerId) => {
      log({ event: "worker.held", workerId });
      deployer.tellHeld(workerId);
    },
    onLogs(answer) {
      shipper.take(answer);
      if (answer.dropped > 0) log({ event: "logs.dropped", count: answer.dropped });
    },
  });
  let scratchCount = 0;
  const scratch = createScratch({
    isolates,
    modules,
    maxProcesses: SCRATCH_PROCESSES,
    clock,
    pulseEveryMs: pulseEveryMs({ ...health, hungAfterMs: settings.deadlineMs }),
    async start() {
      const files = await writeRuntimeFiles(runDirectory, codeSocket, options.allowedNetworks ?? []);
      scratchCount += 1;
      const workerd = await startWorkerd({
        binary: workerdBinary,
        directory: runDirectory,
        configFile: files.scratch,
        name: `try-${scratchCount}`,
      });
      log({ event: "runtime.started", pid: workerd.pid });
      return workerd;
    },
  });
  const retirement = createRetirement({
    isolates,
    modules,
    graceMs: settings.evictAfterMs,
    evict: (isolate) => runtime.evict([isolate]),
    onEvicted: (workerId) => log({ event: "isolate.evicted", workerId }),
  });
  const deployer = createDeployer({
    node: options.node,
    installation: installed,
    feed,
    runtime,
    scratch,
    isolates,
    modules,
    retirement,
    journal,
    deadlineMs: settings.deadlineMs,
    faults: options.faults ?? noFaults,
    report: (state) => reporter.report(state),
    onFailure: (workerId, versionId, reason) => shipper.say(workerId, versionId, `did not start: ${reason}`),
  });
  const previews = createPreviews({ installation: installed, placed: deployer.placed, feed, isolates, retirement });
  const codeServer = await serveCode({ socket: codeSocket, codeOf, resolve: (host) => previews.find(host) });
  const follower = startFollower({
    feed,
    apply: (workerId) => deployer.apply(workerId),
    placed: () => new Map([...deployer.placed].map(([workerId, { head }]) => [workerId, head.epoch])),
    isTailed: (workerId) => deployer.placed.get(workerId)?.tailed ?? false,
    onHello(hello) {
      installation = hello;
      reporter.repeat();
    },
    reconcileEveryMs: settings.reconcileEveryMs,
    concurrency: APPLIES_AT_ONCE,
  });
  const prover = await serveProve({
    socket: options.agentSocketPath,
    installation: () => installation,
    scratch,
    deadlineMs: settings.deadlineMs,
  });
  await follower.synced;
  deployer.loadAhead();
  scratch.prepare();
  const caughtUp = Promise.all([...deployer.behind].map((workerId) => follower.refresh(workerId)));
  // Requests wait for the newest for a moment, not for as long as a version may take to start.
  await within(caughtUp, Math.min(OPEN_AFTER_MS, settings.catchUpMs));
  await runtime.open();
  await within(caughtUp, settings.catchUpMs);
  if (deployer.behind.size > 0) log({ event: "start.behind", count: deployer.behind.size });
  return {
    port: listener.port,
    get pids() {
      return runtime.pids;
    },
    async stop(graceMs) {
      await prover.close();
      await follower.stop();
      retirement.stop();
      await Promise.all([runtime.stop(graceMs), scratch.stop()]);
      await listener.close();
      await shipper.stop();
      await reporter.stop();
      await codeServer.close();
      await journal.close();
      feed.close();
    },
  };
}
