/**
 * The node agent's process. It reads its settings from stdin as one line, reports on stdout, and ends when its parent
 * does: stdin's end is its own, also after the parent's kill -9. workerd follows by its lifeline.
 */
import { createInterface } from "node:readline";
import { isCorralError, parseFault, systemClock } from "@corral/base";
import { type RunningAgent, startAgent } from "@corral/dataplane";
import { type AgentMessage, type AgentSettings, DRAIN_MS, parseAgentSettings } from "./agent-wire.ts";
import { endAtOnce } from "./processes.ts";

function tell(message: AgentMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** A code is all that leaves this process: what a library says may quote anything. */
function fail(error: unknown): never {
  tell({ event: "failed", code: isCorralError(error) ? error.code : listenProblem(error) });
  process.exit(1);
}

function listenProblem(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === "EADDRINUSE") return "port.taken";
  return code === "EACCES" ? "port.refused" : "internal";
}

async function serve(settings: AgentSettings, asked: Promise<void>): Promise<void> {
  const faults = settings.fault === undefined ? undefined : parseFault(settings.fault, endAtOnce);
  const agent: RunningAgent = await startAgent({
    node: settings.node,
    feedSocketPath: settings.feedSocket,
    agentSocketPath: settings.agentSocket,
    runDirectory: settings.runDirectory,
    stateDirectory: settings.stateDirectory,
    workersHost: settings.host,
    workersPort: settings.workersPort,
    clock: systemClock,
    log: tell,
    ...(faults !== undefined && { faults }),
  });
  tell({ event: "ready", workersPort: agent.port });
  await asked;
  await agent.stop(DRAIN_MS);
  process.exit(0);
}

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
process.stdout.on("error", () => {});
process.umask(0o077);

const { promise: askedToStop, resolve: stop } = Promise.withResolvers<void>();
process.on("SIGTERM", stop);
// These belong to the parent, which stops its children in order.
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});

const lines = createInterface({ input: process.stdin });
lines.once("line", (line) => {
  const settings = parseAgentSettings(line);
  if (settings === undefined) fail(undefined);
  void serve(settings, askedToStop);
});
lines.once("close", () => process.exit(0));
