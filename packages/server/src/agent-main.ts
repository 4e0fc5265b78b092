/**
 * The node agent's process. It reads its settings from stdin as one line, reports on stdout, and ends when its parent
 * does: stdin's end is its own, also after the parent's kill -9.
 */
import { createInterface } from "node:readline";
import { isCorralError, systemClock } from "@corral/base";
import { type Agent, startAgent } from "@corral/dataplane";
import { type AgentEvent, parseAgentSettings } from "./agent-wire.ts";

function tell(event: AgentEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** A code is all that leaves this process: what a library says may quote anything. */
function fail(error: unknown): never {
  tell({ event: "failed", code: isCorralError(error) ? error.code : "internal" });
  process.exit(1);
}

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
process.stdout.on("error", () => {});
process.umask(0o077);
