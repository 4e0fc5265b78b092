/** The runtime processes of this node together: one table, one public socket, several processes. */
import { rename, writeFile } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import type { Clock, Uuid } from "@corral/base";
import { bundleRouter } from "../router/bundle.ts";
import type { LoadAnswer, LogsAnswer, Route, WarmAnswer, WarmRequest } from "../router/protocol.ts";
import { workerdBinary } from "../workerd-package.ts";
import { configText, ownAddresses } from "./config.ts";
import type { Listener } from "./listener.ts";
import { createRoutingTable } from "./routing-table.ts";
import { type EndReason, Slot } from "./slot.ts";
import type { HealthLimits } from "./watch.ts";
import { createSuspects } from "./suspects.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

export interface RuntimeOptions {
  readonly directory: string;
  readonly codeSocket: string;
  readonly codeOf: (isolate: string) => Promise<LoadAnswer | undefined>;
  readonly listener: Listener;
  readonly processes: number;
  readonly allowed: readonly string[];
  readonly health: HealthLimits;
  readonly clock: Clock;
  readonly onStarted: (pid: number) => void;
  readonly onEnded: (pid: number, why: EndReason) => void;
  /** This Worker hung processes again and again; its requests are held until its next commit. */
  readonly onHeld: (workerId: Uuid) => void;
  readonly onLogs: (answer: LogsAnswer) => void;
}

export interface Runtime {
  readonly pids: readonly number[];
  /**
   * Loads an isolate in one process, the one with the most traffic; that one takes `route` at once if it went well, and
   * `commit` has to follow. "hung": that process hung meanwhile, and was killed.
   */
  warmFirst(isolate: string, deadlineMs: number, route?: Route): Promise<WarmAnswer | "hung">;
  /** In those that did not load it first. What fails there only is loaded again by its first request. */
  warmOthers(isolate: string, deadlineMs: number): Promise<void>;
  /** The first routes are complete. Resolves when every process has them. */
  open(): Promise<void>;
  /** Resolves when every process routes so; at once before `open`. */
  commit(route: Route): Promise<void>;
  remove(workerId: string): Promise<void>;
  evict(isolates: readonly string[]): Promise<void>;
  stop(graceMs: number): Promise<void>;
}

export const defaultHealth: HealthLimits = {
  pingEveryMs: 500,
  hungAfterMs: 5_000,
  memoryEveryMs: 100,
  maxResidentBytes: Math.max(1024 ** 3, totalmem() / 2),
};

export const defaultProcesses = (): number => availableParallelism();

const MAX_HEAP_MB = 512;

/** Writes what every process reads; `serves` is the one with the public socket. */
export async function writeRuntimeFiles(
  directory: string,
  codeSocket: string,
  allowed: readonly string[],
): Promise<{ readonly serves: string; readonly scratch: string }> {
  const routerFile = "router.js";
  await replaceFile(join(directory, routerFile), await bundleRouter());
  const common = { routerFile, agentSocket: codeSocket, denied: ownAddresses(), allowed, maxHeapMb: MAX_HEAP_MB };
  const files = { serves: join(directory, "runtime.capnp"), scratch: join(directory, "scratch.capnp") };
  await replaceFile(files.serves, configText({ ...common, serves: true }));
  await replaceFile(files.scratch, configText({ ...common, serves: false }));
  return files;
}

/** In one step: another process may be reading it just now. */
async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.${randomUUID().slice(0, 8)}`;
  await writeFile(fresh, text, { mode: 0o600 });
  await rename(fresh, path);
}

/** Resolves when every process is there. They answer nothing before `open`. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const table = createRoutingTable();
  const suspects = createSuspects(options.clock, (workerId) => {
    const route = table.find(workerId);
    if (route === undefined) return;
    table.set({ ...route, held: true });
    void settled();
    options.onHeld(workerId);
  });
  const onEnded = (pid: number, why: EndReason, named: Uuid | undefined): void => {
    if (why === "hung") suspects.hung(named);
    options.onEnded(pid, why);
  };
  let count = 0;
  const start = async (): Promise<Workerd> => {
    // Written anew each time: the machine's own addresses may have changed.
    const { serves } = await writeRuntimeFiles(options.directory, options.codeSocket, options.allowed);
    count += 1;
    return startWorkerd({
      binary: workerdBinary,
      directory: options.directory,
      configFile: serves,
      name: `ctl-${count}`,
      listenFd: options.listener.fd,
      ...(suspects.watching ? { marker: `${randomUUID()} ` } : {}),
    });
  };
  const slots = Array.from({ length: options.processes }, () => new Slot({ ...options, table, start, onEnded }));
  try {
    await Promise.all(slots.map(({ started }) => started));
  } catch (error) {
    await Promise.all(slots.map((slot) => slot.stop(0)));
    throw error;
  }
  /** If its code cannot be had now, the router asks for it, and says what is wrong in its own way. */
  const loadOf = async (isolate: string): Promise<WarmRequest> => {
    const code = await options.codeOf(isolate).catch(() => undefined);
    return { isolate, ...(code === undefined ? {} : { code }) };
  };
  const firstOf = new Map<string, Slot>();
  const settled = async (): Promise<void> => {
    const { revision } = table;
    await Promise.all(slots.map((slot) => slot.at(revision)));
  };
  return {
    get pids() {
      return slots.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    },
    async warmFirst(isolate, deadlineMs, route) {
      const request = await loadOf(isolate);
      const first = slots.reduce((busiest, slot) => (slot.traffic > busiest.traffic ? slot : busiest));
      firstOf.set(isolate, first);
      return first.warm({ ...request, ...(route === undefined ? {} : { route }) }, deadlineMs);
    },
    async warmOthers(isolate, deadlineMs) {
      const first = firstOf.get(isolate);
      firstOf.delete(isolate);
      const others = slots.filter((slot) => slot !== first);
      if (others.length === 0) return;
      const request = await loadOf(isolate);
      await Promise.all(others.map((slot) => slot.warm(request, deadlineMs)));
    },
    open() {
      table.open();
      return settled();
    },
    commit(route) {
      table.set(route);
      return settled();
    },
    remove(workerId) {
      table.remove(workerId);
      return settled();
    },
    async evict(isolates) {
      if (isolates.length > 0) await Promise.all(slots.map((slot) => slot.evict(isolates)));
    },
    async stop(graceMs) {
      await Promise.all(slots.map((slot) => slot.stop(graceMs)));
    },
  };
}
