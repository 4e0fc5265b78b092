/**
 * What `corral up` and its agent process say to each other: one JSON line down at the start, JSON lines up.
 *
 * The line down goes through stdin, so that nothing of it is in an argument or an environment variable; stdin then
 * stays open for as long as the parent lives, and its end is the agent's end. No secret is in either direction: keys
 * and sealed records travel over the feed's socket.
 */
import { isUuid, type JsonObject, type JsonValue, parseJson } from "@corral/base";
import type { AgentEvent } from "@corral/dataplane";

type EndReason = Extract<AgentEvent, { event: "runtime.ended" }>["code"];

/** Requests may take this long to end. A parent that waits for the agent's end waits a little longer. */
export const DRAIN_MS = 8_000;

export interface AgentSettings {
  readonly node: string;
  /** Where the control plane serves the feed. */
  readonly feedSocket: string;
  /** Where the agent listens for `POST /agent/prove`. */
  readonly agentSocket: string;
  /** 0700; the agent's further sockets and workerd's configuration lie here. */
  readonly runDirectory: string;
  /** 0700; what the node remembers of heads over a restart. */
  readonly stateDirectory: string;
  readonly host: string;
  /** 0: any free one; the parent learns it from "ready" and asks for the same one if it has to start the agent again. */
  readonly workersPort: number;
  /** For tests: `<point>:<nth>`, see base's fault points. */
  readonly fault?: string;
}

export type AgentMessage =
  | { readonly event: "ready"; readonly workersPort: number }
  /** It did not start; `code` is one of our own error codes or words. */
  | { readonly event: "failed"; readonly code: string }
  | AgentEvent;

export function parseAgentSettings(line: string): AgentSettings | undefined {
  const found = parseLine(line);
  if (found === undefined) return undefined;
  const { node, feedSocket, agentSocket, runDirectory, stateDirectory, host, workersPort, fault } = found;
  if (![node, feedSocket, agentSocket, runDirectory, stateDirectory, host].every((value) => typeof value === "string"))
    return undefined;
  if (typeof workersPort !== "number") return undefined;
  if (fault !== undefined && typeof fault !== "string") return undefined;
  return found as unknown as AgentSettings;
}

/** undefined for a line that is none of ours; such a line is dropped, never shown. Fields that are not listed are dropped too. */
export function parseAgentMessage(line: string): AgentMessage | undefined {
  const found = parseLine(line);
  if (found === undefined) return undefined;
  const { event, pid, count, epoch, code, workerId, workersPort } = found;
  switch (event) {
    case "ready":
      return isWhole(workersPort) ? { event, workersPort } : undefined;
    case "failed":
      return isWord(code) ? { event, code } : undefined;
    case "runtime.started":
      return isWhole(pid) ? { event, pid } : undefined;
    case "runtime.ended":
      return isWhole(pid) && isWord(code) ? { event, pid, code: code as EndReason } : undefined;
    case "runtime.orphans":
    case "start.behind":
    case "logs.dropped":
      return isWhole(count) ? { event, count } : undefined;
    case "deployment.live":
    case "deployment.failed":
      return isWhole(epoch) && typeof workerId === "string" && isUuid(workerId) ? { event, workerId, epoch } : undefined;
    default:
      return undefined;
  }
}

function isWhole(value: JsonValue | undefined): value is number {
  return Number.isSafeInteger(value);
}

function isWord(value: JsonValue | undefined): value is string {
  return typeof value === "string" && /^[a-z][a-z.-]{0,60}$/i.test(value);
}

function parseLine(line: string): JsonObject | undefined {
  const parsed = parseJson(line);
  if (!parsed.ok || typeof parsed.value !== "object" || parsed.value === null || Array.isArray(parsed.value)) return undefined;
  return parsed.value as JsonObject;
}
