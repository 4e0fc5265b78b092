/**
 * What `corral up` and its agent process say to each other: one JSON line down at the start, JSON lines up.
 *
 * The line down goes through stdin, so that nothing of it is in an argument or an environment variable; stdin then
 * stays open for as long as the parent lives, and its end is the agent's end. No secret is in either direction: keys
 * and sealed records travel over the feed's socket.
 */
import { type JsonObject, type JsonValue, parseJson } from "@corral/base";

export interface AgentSettings {
  readonly node: string;
  /** Where the control plane serves the feed. */
  readonly feedSocket: string;
  /** Where the agent listens for `POST /agent/prove`. */
  readonly agentSocket: string;
  /** 0700; the agent's further sockets and workerd's configuration lie here. */
  readonly runDirectory: string;
  readonly host: string;
  /** 0: any free one; the parent learns it from "ready" and asks for the same one if it has to start the agent again. */
  readonly workersPort: number;
}

export type AgentEvent =
  | { readonly event: "ready"; readonly workersPort: number }
  | { readonly event: "runtime"; readonly pid: number }
  /** `code` is one of our own error codes or words. */
  | { readonly event: "failed"; readonly code: string };

export function parseAgentSettings(line: string): AgentSettings | undefined {
  const found = parseLine(line);
  if (found === undefined) return undefined;
  const { node, feedSocket, agentSocket, runDirectory, host, workersPort } = found;
  if (![node, feedSocket, agentSocket, runDirectory, host].every((value) => typeof value === "string")) return undefined;
  if (typeof workersPort !== "number") return undefined;
  return found as unknown as AgentSettings;
}

/** undefined for a line that is none of ours; such a line is dropped, never shown. */
export function parseAgentEvent(line: string): AgentEvent | undefined {
  const found = parseLine(line);
  if (found === undefined) return undefined;
  switch (found["event"]) {
    case "ready":
      return isWhole(found["workersPort"]) ? { event: "ready", workersPort: found["workersPort"] } : undefined;
    case "runtime":
      return isWhole(found["pid"]) ? { event: "runtime", pid: found["pid"] } : undefined;
    case "failed":
      return typeof found["code"] === "string" && /^[a-z][a-z.-]{0,60}$/i.test(found["code"])
        ? { event: "failed", code: found["code"] }
        : undefined;
    default:
      return undefined;
  }
}

function isWhole(value: JsonValue | undefined): value is number {
  return Number.isSafeInteger(value);
}

function parseLine(line: string): JsonObject | undefined {
  const parsed = parseJson(line);
  if (!parsed.ok || typeof parsed.value !== "object" || parsed.value === null || Array.isArray(parsed.value)) return undefined;
  return parsed.value as JsonObject;
}
