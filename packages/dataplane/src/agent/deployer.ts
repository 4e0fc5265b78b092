/**
 * A head becomes traffic (design.md 8): check its MACs, load each new version under a deadline, commit the routes in
 * every process, let go of what was before. Whatever fails leaves the routes as they are.
 */
import { type FaultPoints, isCorralError, type Uuid } from "@corral/base";
import type { FeedState, FeedWorker } from "@corral/contract";
import type { FeedClient } from "../feed/client.ts";
import type { ModuleStore } from "../loader/modules.ts";
import { readableFailure } from "../loader/failure-text.ts";
import type { PlacedVersion } from "../loader/version.ts";
import { redactorFor } from "../logs/redactors.ts";
import type { Scratch } from "../prove/scratch.ts";
import type { Route } from "../router/protocol.ts";
import { within } from "../supervisor/pause.ts";
import type { Runtime } from "../supervisor/runtime.ts";
import type { Isolates } from "./isolates.ts";
import type { Journal } from "./journal.ts";
import { lastGood } from "./last-good.ts";
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
  readonly journal: Journal;
  readonly deadlineMs: number;
  readonly faults: FaultPoints;
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
  /** Workers whose newest head was put off at the start and not tried since: it has not been live here, another has. */
  readonly behind: ReadonlySet<Uuid>;
  /** The runtime holds this Worker's requests; its next head ends that. */
  tellHeld(workerId: Uuid): void;
}

const HELD = "It hung the process that it shares with others more than once; its requests are held until its next deployment.";

/** Why the routes stay as they are. */
class Refusal extends Error {
  readonly versionId: Uuid | undefined;
  /** Redacted. */
  readonly reason: string;
  /** Another try may go better. */
  readonly passing: boolean;
  constructor(reason: string, versionId?: Uuid, passing = false) {
    super("The deployment was refused.");
    this.reason = reason;
    this.versionId = versionId;
    this.passing = passing;
  }
}

export function createDeployer(options: DeployerOptions): Deployer {
  const { node, feed, runtime, isolates, modules, retirement, journal } = options;
  const placed = new Map<Uuid, PlacedWorker>();
  /** The highest epoch seen of each Worker, whether it went live or not. */
  const highest = new Map<Uuid, number>();
  const behind = new Set<Uuid>();
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
    const before = highest.get(workerId) ?? journal.seen(workerId);
    try {
      const worker = placeWorker(options.installation(), workerId, given);
      if (!ahead && (await restore(worker))) return;
      if (isStale(worker, before)) return;
      if (await watchOnly(worker)) return;
      highest.set(workerId, epoch);
      await deploy(worker);
      behind.delete(workerId);
      journal.put({ workerId, live: { head: worker.head, headMac: worker.headMac }, failed: null });
      options.report({ node, workerId, epoch, state: "live" });
    } catch (error) {
      if (error instanceof Refusal && error.passing) highest.set(workerId, before);
      refuse(workerId, epoch, error);
    }
  }

  /** At a start: what was live last goes on until the newer head has been tried. */
  async function restore(worker: PlacedWorker): Promise<boolean> {
    const { workerId, epoch } = worker.head;
    const entry = journal.find(workerId);
    if (placed.has(workerId) || entry?.live?.head.epoch === epoch) return false;
    const before = await lastGood(feed, worker, entry);
    const failed = entry?.failed?.epoch === epoch ? entry.failed : undefined;
    if (before === undefined && failed === undefined) return false;
    if (before !== undefined) await deploy(before);
    highest.set(workerId, journal.seen(workerId));
    if (failed === undefined) behind.add(workerId);
    else options.report(failedState(workerId, epoch, failed.reason, failed.versionId ?? undefined));
    return true;
  }

  /** The newest head has failed here, and what changed is who watches: the Worker that serves is watched as it is. */
  async function watchOnly({ head, logs, tailed }: PlacedWorker): Promise<boolean> {
    const current = placed.get(head.workerId);
    if (current === undefined || current.head.epoch >= head.epoch || head.epoch > (highest.get(head.workerId) ?? -1))
      return false;
    if (current.logs === logs && current.tailed === tailed) return false;
    await deploy({ ...current, logs, tailed });
    return true;
  }

  function isStale({ head, logs, tailed, hosts }: PlacedWorker, seen: number): boolean {
    if (head.epoch < seen) throw new Refusal("This node has seen a later state of this Worker: an epoch went back.");
    const current = placed.get(head.workerId);
    const same = current?.logs === logs && current.tailed === tailed && current.hosts.join() === hosts.join();
    return head.epoch === seen && (current === undefined ? highest.has(head.workerId) : same);
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
    const route = routeFor(worker, routed, split.thresholds);
    const elsewhere: string[] = [];
    try {
      const fresh = routed.filter(({ isolate }) => ahead && (!before.has(isolate) || isolates.hasFailed(isolate)));
      for (const { versionId, isolate } of fresh) {
        const version = worker.versions.get(versionId);
        // With the last one all are there: that process need not wait for the commit.
        const ready = isolate === fresh.at(-1)?.isolate ? route : undefined;
        isolates.setFailed(isolate, true);
        if (version !== undefined && (await load(version, isolate, ready))) elsewhere.push(isolate);
        isolates.setFailed(isolate, false);
      }
    } catch (error) {
      for (const { isolate } of routed) if (!before.has(isolate)) retirement.retire(isolate);
      throw error;
    }
    placed.set(head.workerId, worker);
    const committed = runtime.commit(route);
    options.faults.reached("routes.commit");
    await committed;
    for (const isolate of elsewhere) void runtime.warmOthers(isolate, options.deadlineMs);
    const wanted = new Set(routed.map(({ isolate }) => isolate));
    for (const isolate of before) if (!wanted.has(isolate)) retirement.retire(isolate);
  }

  /**
   * Code that has never started here is tried in a process without traffic first: it may hang it. Code that has, with
   * other values, is loaded in one process; when that went well the routes need not wait for the others, which is what
   * `true` asks for.
   */
  async function load(version: PlacedVersion, isolate: string, route: Route | undefined): Promise<boolean> {
    options.faults.reached("version.load");
    await modules.hold(version.manifest);
    const known = options.scratch.hasStarted(version.manifest);
    if (!known) await tryApart(version);
    for (let attempt = 0, hangs = 0; ; attempt += 1) {
      const answer = await runtime.warmFirst(isolate, options.deadlineMs, route);
      if (answer === "hung") {
        hangs += 1;
        if (hangs > 1) throw refusalOf(version, "hung");
        // Was it this version, or something else that runs there? And no second process is risked before that is clear.
        await tryApart(version);
      } else if (answer.ok) break;
      else if (answer.kind === "failed") throw refusalOf(version, readableFailure(answer.message));
      if (attempt === 6) throw new Refusal("No runtime process could load it.", version.manifest.versionId, true);
      await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
    }
    if (!known) await within(runtime.warmOthers(isolate, options.deadlineMs), options.deadlineMs);
    return known;
  }

  /** In a process without traffic. */
  async function tryApart(version: PlacedVersion): Promise<void> {
    const tried = await options.scratch.load(version, options.deadlineMs);
    if (!tried.ok && tried.kind !== "unavailable") throw refusalOf(version, tried.kind === "hung" ? "hung" : tried.reason);
  }

  function refusalOf(version: PlacedVersion, reason: string): Refusal {
    const { versionId } = version.manifest;
    if (reason === "hung") return new Refusal(`The top level did not end within ${options.deadlineMs} ms.`, versionId);
    return new Refusal(redactorFor([version]).strict(reason), versionId);
  }

  function refuse(workerId: Uuid, epoch: number, error: unknown): void {
    const reason = reasonOf(error);
    const versionId = error instanceof Refusal ? error.versionId : undefined;
    if (!(error instanceof Refusal && error.passing)) behind.delete(workerId);
    // A forged head has no epoch to remember, and one that went back is not the newest.
    if (versionId !== undefined) {
      const live = journal.find(workerId)?.live ?? null;
      journal.put({ workerId, live, failed: { epoch, reason, versionId } });
    }
    options.report(failedState(workerId, epoch, reason, versionId));
    if (versionId !== undefined) options.onFailure(workerId, versionId, reason);
  }

  function failedState(workerId: Uuid, epoch: number, reason: string, versionId: Uuid | undefined): FeedState {
    return { node, workerId, epoch, state: "failed", reason, ...(versionId === undefined ? {} : { versionId }) };
  }

  async function remove(workerId: Uuid): Promise<void> {
    journal.remove(workerId);
    highest.delete(workerId);
    behind.delete(workerId);
    if (!placed.delete(workerId)) return;
    await runtime.remove(workerId);
    for (const isolate of isolates.ofWorker(workerId)) retirement.retire(isolate);
  }

  return {
    apply,
    placed,
    tellHeld(workerId) {
      const epoch = placed.get(workerId)?.head.epoch;
      if (epoch !== undefined) options.report(failedState(workerId, epoch, HELD, undefined));
    },
    behind,
    loadAhead() {
      ahead = true;
    },
  };
}

function routeFor(
  { head, accountId, hosts, tailed }: PlacedWorker,
  isolates: Route["isolates"],
  thresholds: readonly number[],
): Route {
  return { workerId: head.workerId, accountId, name: head.name, hosts, isolates, thresholds, ...(tailed && { tailed }) };
}

function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.reason;
  // The catalogue's text: fixed words.
  if (isCorralError(error)) return error.message;
  return "An unknown error has occurred.";
}
