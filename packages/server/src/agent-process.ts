/**
 * The node agent as a process of its own: started, watched, started again when it dies, stopped in order.
 *
 * It is spawned detached, so that Ctrl-C reaches only the parent, which then stops its children one after the other.
 * Its environment is empty. Should the parent die, even by SIGKILL, the agent sees its stdin end and follows.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type AgentMessage, type AgentSettings, parseAgentMessage } from "./agent-wire.ts";
import type { OperatorLog } from "./logs.ts";

const ENTRY = fileURLToPath(new URL("agent-main.ts", import.meta.url));
/** Without the memory of the parent's flags: no inspector, no signal that starts one. */
const NODE_FLAGS = ["--disable-sigusr1"];
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;
/** Having served this long, a death is a new one and not a further one. */
const STEADY_MS = 30_000;

export interface AgentProcess {
  /** Resolves with the port of the Workers, once the agent has its routes; rejects if it never gets there. */
  readonly ready: Promise<number>;
  /** Lets requests end, for `graceMs` at most; resolves when the process is gone. */
  stop(graceMs: number): Promise<void>;
}

export interface AgentProcessOptions {
  readonly settings: AgentSettings;
  readonly log: OperatorLog;
  onChild(what: "agent" | "runtime", pid: number): void;
}

export function startAgentProcess(options: AgentProcessOptions): AgentProcess {
  const { promise: ready, resolve, reject } = Promise.withResolvers<number>();
  let settings = options.settings;
  let child: ChildProcess | undefined;
  let wasReady = false;
  let stopping = false;
  let backoffMs = FIRST_BACKOFF_MS;
  let again: NodeJS.Timeout | undefined;

  function onMessage(message: AgentMessage): void {
    switch (message.event) {
      case "ready":
        wasReady = true;
        settings = { ...settings, workersPort: message.workersPort };
        resolve(message.workersPort);
        return;
      case "failed":
        if (!wasReady) reject(new AgentFailure(message.code));
        options.log.write({ event: "agent.failed", code: message.code });
        return;
      case "deployment.live":
        return;
      case "runtime.started":
        options.onChild("runtime", message.pid);
        // At the first start nobody needs to read what went as it should.
        if (wasReady) options.log.write(message);
        return;
      case "runtime.ended":
        if (!stopping) options.log.write(message);
        return;
      default:
        options.log.write(message);
    }
  }

  function start(): void {
    const startedAt = performance.now();
    const started = spawnAgent(settings, onMessage);
    child = started;
    if (started.pid !== undefined) options.onChild("agent", started.pid);
    started.once("close", () => {
      if (child === started) child = undefined;
      if (stopping) return;
      if (!wasReady) {
        reject(new AgentFailure("agent.ended"));
        return;
      }
      if (performance.now() - startedAt > STEADY_MS) backoffMs = FIRST_BACKOFF_MS;
      // One fault is planted, not one for each life.
      const { fault: _planted, ...sound } = settings;
      settings = sound;
      options.log.write({ event: "agent.restarting", afterMs: backoffMs });
      again = setTimeout(start, backoffMs);
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
    });
  }

  start();
  return {
    ready,
    async stop(graceMs) {
      stopping = true;
      clearTimeout(again);
      const running = child;
      if (running === undefined) return;
      const gone = new Promise<void>((settled) => running.once("close", () => settled()));
      running.kill("SIGTERM");
      const late = setTimeout(() => running.kill("SIGKILL"), graceMs);
      await gone;
      clearTimeout(late);
    },
  };
}

/** The agent said why it could not start, in one of our own words. */
export class AgentFailure extends Error {
  override readonly name = "AgentFailure";
  readonly code: string;
  constructor(code: string) {
    super("The node agent did not start.");
    this.code = code;
  }
}

function spawnAgent(settings: AgentSettings, onMessage: (message: AgentMessage) => void): ChildProcess {
  const child = spawn(process.execPath, [...NODE_FLAGS, ENTRY], {
    cwd: settings.runDirectory,
    env: {},
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A failed spawn is followed by "close", a broken pipe by the process's end; both are handled there.
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  child.stdin.write(`${JSON.stringify(settings)}\n`);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = parseAgentMessage(line);
    if (message !== undefined) onMessage(message);
  });
  // Drained and dropped: what Node prints of its own accord may quote anything.
  child.stderr.resume();
  return child;
}
