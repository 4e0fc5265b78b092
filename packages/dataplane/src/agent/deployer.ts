/**
 * A head becomes traffic (design.md 8): check its MACs, load each new version under a deadline, commit the routes in
 * every process, let go of what was before. Whatever fails leaves the routes as they are.
 */
import { type Clock, isCorralError, type Uuid } from "@corral/base";
import type { FeedState, FeedWorker } from "@corral/contract";
import type { FeedClient } from "../feed/client.ts";
import type { ModuleStore } from "../loader/modules.ts";
import { readableFailure } from "../loader/failure-text.ts";
import type { PlacedVersion } from "../loader/version.ts";
import { redactorFor } from "../logs/redactors.ts";
import type { Scratch } from "../prove/scratch.ts";
import type { Route } from "../router/protocol.ts";
import type { Runtime } from "../supervisor/runtime.ts";
import type { Isolates } from "./isolates.ts";
import { type Installation, type PlacedWorker, placeWorker, splitOf } from "./placed-worker.ts";
import type { Retirement } from "./retirement.ts";

export interface DeployerOptions {
  readonly node: string;
  readonly installation: () => Installation;
  readonly feed: FeedClient;
  readonly runtime: Runtime;
  readonly scratch: Scratch;
  readonly isolates: Isolates;
  readonly modules: ModuleStore;
  readonly retirement: Retirement;
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly report: (state: FeedState) => void;
  /** A version did not start; `reason` is redacted. */
  readonly onFailure: (workerId: Uuid, versionId: Uuid, reason: string) => void;
}

export interface Deployer {
  /** Brings the Worker to its newest head. Does not reject. */
  apply(workerId: Uuid): Promise<void>;
  readonly placed: ReadonlyMap<Uuid, PlacedWorker>;
  /** Until then versions are not loaded ahead: a start costs routes only. */
  loadAhead(): void;
}

/** Why the routes stay as they are. */
class Refusal extends Error {
  readonly versionId: Uuid | undefined;
  /** Redacted. */
  readonly reason: string;
  constructor(reason: string, versionId?: Uuid) {
    super("The deployment was refused.");
    this.reason = reason;
    this.versionId = versionId;
  }
}

export function createDeployer(options: DeployerOptions): Deployer {
  const { node, feed, runtime, isolates, modules, retirement } = options;
  const placed = new Map<Uuid, PlacedWorker>();
  /** The highest epoch seen of each Worker, whether it went live or not. */
  const highest = new Map<Uuid, number>();
  let ahead = false;

  async function apply(workerId: Uuid): Promise<void> {
    let given: FeedWorker | undefined;
    try {
      given = await feed.findWorker(workerId);
    } catch {
      return; // The control plane is away; the next reconcile asks again.
    }
    if (given === undefined) return remove(workerId);
    const { epoch } = given.head;
    try {
      const worker = placeWorker(options.installation(), workerId, given);
      if (isStale(worker)) return;
      highest.set(workerId, epoch);
      await deploy(worker);
      options.report({ node, workerId, epoch, state: "live" });
    } catch (error) {
      refuse(workerId, epoch, error);
    }
  }

  function isStale({ head, logs, hosts }: PlacedWorker): boolean {
    const seen = highest.get(head.workerId) ?? -1;
    if (head.epoch < seen) throw new Refusal("This node has seen a later state of this Worker: an epoch went back.");
    const current = placed.get(head.workerId);
    const same = current?.logs === logs && current.hosts.join() === hosts.join();
    return head.epoch === seen && (current === undefined || same);
  }

  async function deploy(worker: PlacedWorker): Promise<void> {
    const { head, logs } = worker;
    const split = splitOf(head.shares, worker.versions);
    const before = new Set(isolates.ofWorker(head.workerId));
    const routed = split.versions.map((version) => ({
      versionId: version.manifest.versionId,
      isolate: isolates.put(version, logs),
    }));
    for (const { isolate } of routed) retirement.keep(isolate);
    try {
      if (ahead) for (const [at, version] of split.versions.entries()) await load(version, routed[at]?.isolate ?? "", before);
    } catch (error) {
      for (const { isolate } of routed) if (!before.has(isolate)) retirement.retire(isolate);
      throw error;
    }
    placed.set(head.workerId, worker);
    await runtime.commit(routeFor(worker, routed, split.thresholds));
    const wanted = new Set(routed.map(({ isolate }) => isolate));
    for (const isolate of before) if (!wanted.has(isolate)) retirement.retire(isolate);
  }

  /** Code that has never started here is tried in a process without traffic first: it may hang it. */
  async function load(version: PlacedVersion, isolate: string, known: ReadonlySet<string>): Promise<void> {
    if (known.has(isolate)) return;
    await modules.hold(version.manifest);
    if (!options.scratch.hasStarted(version.manifest)) {
      const tried = await options.scratch.load(version, options.deadlineMs);
      if (!tried.ok) throw refusalOf(version, tried.kind === "hung" ? "hung" : tried.reason);
    }
    for (let attempt = 0; ; attempt += 1) {
      const answer = await runtime.warm(isolate, options.deadlineMs);
      if (answer === "hung") throw refusalOf(version, "hung");
      if (answer.ok) return;
      if (answer.kind === "failed") throw refusalOf(version, readableFailure(answer.message));
      if (attempt === 3) throw new Refusal("No runtime process could load it.", version.manifest.versionId);
      await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
    }
  }

  function refusalOf(version: PlacedVersion, reason: string): Refusal {
    const { versionId } = version.manifest;
    if (reason === "hung") return new Refusal(`The top level did not end within ${options.deadlineMs} ms.`, versionId);
    return new Refusal(redactorFor([version]).strict(reason), versionId);
  }

  function refuse(workerId: Uuid, epoch: number, error: unknown): void {
    const reason = reasonOf(error);
    const versionId = error instanceof Refusal ? error.versionId : undefined;
    options.report({ node, workerId, epoch, state: "failed", reason, ...(versionId === undefined ? {} : { versionId }) });
    if (versionId !== undefined) options.onFailure(workerId, versionId, reason);
  }

  async function remove(workerId: Uuid): Promise<void> {
    if (!placed.delete(workerId)) return;
    highest.delete(workerId);
    await runtime.remove(workerId);
    for (const isolate of isolates.ofWorker(workerId)) retirement.retire(isolate);
  }

  return {
    apply,
    placed,
    loadAhead() {
      ahead = true;
    },
  };
}

function routeFor({ head, accountId, hosts }: PlacedWorker, isolates: Route["isolates"], thresholds: readonly number[]): Route {
  return { workerId: head.workerId, accountId, name: head.name, hosts, isolates, thresholds };
}

function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.reason;
  // The catalogue's text: fixed words.
  if (isCorralError(error)) return error.message;
  return "An unknown error has occurred.";
}
