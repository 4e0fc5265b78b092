/**
 * One workerd process: started without environment, inspector or core dumps; its output drained and dropped, because
 * what a Worker prints there belongs to nobody and a full pipe would stall the process (dataplane.md 6).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Uuid } from "@corral/base";
import { createNamedWorkers } from "./named-workers.ts";
import { createUnixClient, jsonOf, type UnixClient } from "../unix-http.ts";

export interface WorkerdOptions {
  readonly binary: string;
  /** 0700; working directory of the process. */
  readonly directory: string;
  readonly configFile: string;
  /** Unique in this run. */
  readonly name: string;
  /** A listening descriptor for the socket `main`. */
  readonly listenFd?: number;
  /** Its output is read for Workers named after this word, instead of not being there at all. */
  readonly marker?: string;
}

export interface Workerd {
  readonly pid: number;
  /** Resolves when the process is gone; `stderrBytes` were dropped. */
  readonly exited: Promise<void>;
  readonly isAlive: boolean;
  readonly stderrBytes: number;
  readonly marker: string;
  /** The Worker that it named last. */
  readonly lastNamed: Uuid | undefined;
  /** Asks the router's Control entrypoint. Rejects when there is no answer in time. */
  ask<T>(method: "GET" | "POST", path: string, body?: unknown, timeoutMs?: number): Promise<T>;
  /** An answer without end. */
  stream(path: string): Promise<Readable>;
  kill(): void;
  /** Lets running requests end for `graceMs` at most. */
  drain(graceMs: number): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const ASK_TIMEOUT_MS = 30_000;

/** `exec` keeps the pid. Without a core dump no value of an isolate's env gets onto a disk. */
const WITHOUT_CORE = ["-c", 'ulimit -c 0; unset PWD OLDPWD SHLVL _; exec "$@"', "workerd"] as const;

/** Resolves when its sockets listen; rejects if it ends before. */
export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  const socket = join(options.directory, `${options.name}.sock`);
  rmSync(socket, { force: true });
  const child = spawnWorkerd(options, socket);
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let alive = true;
  let stderrBytes = 0;
  child.stderr?.on("data", (chunk: Uint8Array) => {
    stderrBytes += chunk.length;
  });
  const named = options.marker === undefined ? undefined : createNamedWorkers(options.marker);
  child.stdout?.on("data", (chunk: Uint8Array) => named?.take(chunk));
  const client = createUnixClient(socket, 32);
  void exited.then(() => {
    alive = false;
    client.close();
    rmSync(socket, { force: true });
  });
  try {
    await listening(child, exited);
  } catch (error) {
    kill(child);
    throw error;
  }
  const { pid = 0 } = child;
  return {
    pid,
    exited,
    get isAlive() {
      return alive;
    },
    get stderrBytes() {
      return stderrBytes;
    },
    marker: options.marker ?? "",
    get lastNamed() {
      return named?.last;
    },
    ask: (method, path, body, timeoutMs = ASK_TIMEOUT_MS) => ask(client, method, path, body, timeoutMs),
    stream: (path) => client.open({ method: "GET", path }),
    kill: () => kill(child),
    async drain(graceMs) {
      child.kill("SIGTERM");
      const late = setTimeout(() => kill(child), graceMs);
      await exited;
      clearTimeout(late);
    },
  };
}

async function ask<T>(client: UnixClient, method: "GET" | "POST", path: string, body: unknown, timeoutMs: number): Promise<T> {
  return jsonOf<T>(await client.call({ method, path, body, timeoutMs }));
}

function spawnWorkerd({ binary, directory, configFile, listenFd, marker }: WorkerdOptions, socket: string): ChildProcess {
  const args = ["serve", "--experimental", "--control-fd=3", "--socket-addr", `ctl=unix:${socket}`];
  if (listenFd !== undefined) args.push("--socket-fd", "main=4");
  const child = spawn("/bin/sh", [...WITHOUT_CORE, binary, ...args, configFile], {
    cwd: directory,
    env: {},
    detached: true,
    stdio: ["ignore", marker === undefined ? "ignore" : "pipe", "pipe", "pipe", ...(listenFd === undefined ? [] : [listenFd])],
  });
  // Followed by "close", which is where it is handled.
  child.on("error", () => {});
  return child;
}

/** workerd writes a line for each socket it has bound. */
function listening(child: ChildProcess, exited: Promise<void>): Promise<void> {
  const events = child.stdio[3];
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("workerd does not listen")), START_TIMEOUT_MS);
    void exited.then(() => {
      clearTimeout(timer);
      reject(new Error("workerd ended at its start"));
    });
    if (events === null || events === undefined || !("read" in events)) return;
    createInterface({ input: events }).on("line", (line) => {
      if (!line.includes('"ctl"')) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

function kill(child: ChildProcess): void {
  child.kill("SIGKILL");
}
