/**
 * A whole Corral as a child process, on ports of its own: what a person gets by `./corral up`.
 *
 * It runs in a process group of its own and with an environment of its own, so that a test can kill all of it and
 * nothing of the person's leaks in. Ready means `endpoints.json` was written; whoever waits also hears of an early end.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync, statSync, watch } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root, temporaryDirectory } from "./paths.ts";
import { killTree } from "./process-tree.ts";
import { type Answer, type Asked, send } from "./requests.ts";

export interface StartOptions {
  /** An earlier one's, to start again on the same data. */
  readonly dataDirectory?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly readyWithinMs?: number;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ApiAnswer extends Answer {
  /** The envelope; undefined when the answer is no JSON. */
  readonly body: Envelope | undefined;
}

export interface Envelope {
  readonly success: boolean;
  readonly result: unknown;
  readonly errors: readonly { readonly code: number; readonly message: string }[];
}

interface Endpoints {
  readonly apiUrl: string;
  readonly workersUrl: string;
  readonly accountId: string;
  readonly tokenFile: string;
  readonly pid: number;
}

/** It ended before it was ready, or was not ready in time and was killed; `output` is all it printed. */
export class StartFailed extends Error {
  override readonly name = "StartFailed";
  readonly ended: Ended;
  readonly output: string;

  constructor(ended: Ended, output: string) {
    super(`It ended with ${ended.code ?? ended.signal} before it was ready:\n${output}`);
    this.ended = ended;
    this.output = output;
  }
}

export class RunningCorral implements AsyncDisposable {
  readonly dataDirectory: string;
  readonly apiUrl: string;
  readonly workersUrl: string;
  readonly accountId: string;
  readonly token: string;
  /** The process that stops all by SIGTERM. */
  readonly pid: number;
  /** Resolves when the process that was started has ended. */
  readonly ended: Promise<Ended>;
  /** The raw text of every answer that `api` and `ask` got, headers included; for the canary sweep. */
  readonly answers: string[] = [];
  readonly #child: ChildProcess;
  readonly #output: () => string;
  /** A runtime closes a connection that was idle for 5 s; who asks at that very moment loses, so ours end earlier. */
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16, timeout: 2_500 });

  constructor(child: ChildProcess, ended: Promise<Ended>, output: () => string, dataDirectory: string, endpoints: Endpoints) {
    this.#child = child;
    this.#output = output;
    this.ended = ended;
    this.dataDirectory = dataDirectory;
    this.apiUrl = endpoints.apiUrl;
    this.workersUrl = endpoints.workersUrl;
    this.accountId = endpoints.accountId;
    this.pid = endpoints.pid;
    this.token = readFileSync(endpoints.tokenFile, "utf8").trim();
  }

  /** All that it printed so far, stdout and stderr as they came. */
  logs(): string {
    return this.#output();
  }

  /** SIGTERM, or another signal; resolves when it has ended. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
    this.#agent.destroy();
    if (this.#child.exitCode === null && this.#child.signalCode === null) process.kill(this.pid, signal);
    return this.ended;
  }

  /** kill -9 of it and everything below it, at the same moment. */
  async kill(): Promise<Ended> {
    this.#agent.destroy();
    killTree(this.#child.pid ?? this.pid);
    return this.ended;
  }

  /** Below the account: `api("PUT", "/workers/scripts/w/secrets", {…})`. An object is sent as JSON. */
  async api(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<ApiAnswer> {
    return this.send(`${this.apiUrl}/accounts/${this.accountId}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...bodyHeaders(body), ...headers },
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? body : JSON.stringify(body) }),
    });
  }

  /** As `api`; throws unless the envelope says success, and returns its result. */
  async must<T>(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<T> {
    const answer = await this.api(method, path, body, headers);
    if (answer.body?.success !== true) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
    return answer.body.result as T;
  }

  /** A request to a Worker by its hostname; a bare name means `<name>.localhost`. */
  async ask(host: string, path = "/", headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const hostname = host.includes(".") ? host : `${host}.localhost`;
    return this.#record(
      await send(new URL(path, this.workersUrl).href, { headers: { ...headers, host: hostname }, agent: this.#agent }),
    );
  }

  /** Any request at all, recorded for the sweep. */
  async send(url: string, asked: Asked): Promise<ApiAnswer> {
    const answer = this.#record(await send(url, { agent: this.#agent, ...asked }));
    let body: Envelope | undefined;
    try {
      body = JSON.parse(answer.text) as Envelope;
    } catch {
      body = undefined;
    }
    return { ...answer, body };
  }

  /** Stops it and removes its data. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.dataDirectory, { recursive: true, force: true });
  }

  #record(answer: Answer): Answer {
    this.answers.push(`${answer.status} ${JSON.stringify(answer.headers)}\n${answer.text}`);
    return answer;
  }
}

function bodyHeaders(body: unknown): Readonly<Record<string, string>> {
  return body === undefined || body instanceof Uint8Array ? {} : { "content-type": "application/json" };
}

export async function startCorral(options: StartOptions = {}): Promise<RunningCorral> {
  return start(options.dataDirectory ?? temporaryDirectory("data"), [join(root, "corral"), "up"], options);
}

export interface ControlPlaneOptions {
  readonly dataDirectory?: string;
  /** `<point>:<nth>` at which it kills itself. */
  readonly fault?: string;
  /** A command that runs the command that follows it, as strace does. */
  readonly under?: readonly string[];
}

/** The control plane alone: an API without a node, in a tenth of the time. Nothing answers at `workersUrl`. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<RunningCorral> {
  const dataDirectory = options.dataDirectory ?? temporaryDirectory("data");
  const fault = options.fault === undefined ? [] : [options.fault];
  compiled ??= temporaryDirectory("compiled");
  const command = [...(options.under ?? []), process.execPath, CONTROL_PLANE, dataDirectory, ...fault];
  return start(dataDirectory, command, { env: { NODE_COMPILE_CACHE: compiled } });
}

/** Compiled code, written by the first that ends in peace and read by all after it: it halves their start. */
let compiled: string | undefined;

const CONTROL_PLANE = fileURLToPath(import.meta.resolve("./control-plane-main.ts"));

async function start(
  dataDirectory: string,
  [command = "", ...args]: readonly string[],
  options: Omit<StartOptions, "dataDirectory">,
): Promise<RunningCorral> {
  const before = endpointsStamp(dataDirectory);
  const child = spawn(command, args, {
    cwd: tmpdir(),
    env: { ...corralEnvironment(dataDirectory), ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part: string) => parts.push(part));
  const output = (): string => parts.join("");
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
  // A test that failed half-way leaves nothing running.
  const { pid } = child;
  if (pid === undefined) throw new StartFailed(await ended, output());
  const killWithUs = (): void => killTree(pid);
  process.once("exit", killWithUs);
  void ended.finally(() => process.off("exit", killWithUs)).catch(() => undefined);
  const enough = new AbortController();
  const ready = waitForEndpoints(dataDirectory, before, enough.signal);
  const deadline = setTimeout(() => enough.abort(), options.readyWithinMs ?? 60_000);
  const first = await Promise.race([ready, ended]).finally(() => clearTimeout(deadline));
  enough.abort();
  if (first === undefined) {
    killTree(pid);
    throw new StartFailed(await ended, output());
  }
  if (!("apiUrl" in first)) throw new StartFailed(first, output());
  const endpoints = first;
  return new RunningCorral(child, ended, output, dataDirectory, endpoints);
}

/** What `./corral up` is started with, and nothing else. */
export function corralEnvironment(dataDirectory: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    LANG: "C.UTF-8",
    CORRAL_DATA: dataDirectory,
    CORRAL_API_PORT: "0",
    CORRAL_WORKERS_PORT: "0",
  };
}

/** Tells the file of this start from one that a crash left. */
function endpointsStamp(dataDirectory: string): string {
  try {
    const { mtimeMs, ino } = statSync(join(dataDirectory, "endpoints.json"));
    return `${ino} ${mtimeMs}`;
  } catch {
    return "";
  }
}

/** Resolves undefined when the signal comes first. */
function waitForEndpoints(dataDirectory: string, before: string, signal: AbortSignal): Promise<Endpoints | undefined> {
  const { promise, resolve } = Promise.withResolvers<Endpoints | undefined>();
  const look = (): void => {
    if (endpointsStamp(dataDirectory) === before) return;
    try {
      resolve(JSON.parse(readFileSync(join(dataDirectory, "endpoints.json"), "utf8")) as Endpoints);
    } catch {
      // Half written, or gone again: the next change will tell.
    }
  };
  const watcher = watch(dataDirectory, look);
  signal.addEventListener("abort", () => resolve(undefined));
  look();
  return promise.finally(() => watcher.close());
}
