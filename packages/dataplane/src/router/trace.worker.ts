/** One invocation for those who watch. What a Worker logs may be as large as it likes: there is a bound, and it shows. */
import type { RouterTrace } from "./protocol.ts";

const MOST_LINES = 1000;
const MOST_UNITS = 256 * 1024;

export function traceOf(item: TraceItem): RouterTrace {
  let left = MOST_UNITS;
  const logs: RouterTrace["logs"][number][] = [];
  let truncated = item.truncated;
  for (const { timestamp: at, level, message } of item.logs) {
    const parts = partsOf(message);
    left -= parts.reduce((sum, part) => sum + part.length, 0);
    if (left < 0 || logs.length === MOST_LINES) {
      truncated = true;
      break;
    }
    logs.push({ at, level, message: parts });
  }
  const exceptions = item.exceptions.slice(0, MOST_LINES);
  return {
    at: item.eventTimestamp ?? 0,
    outcome: item.outcome,
    entrypoint: item.entrypoint ?? null,
    cpuMs: item.cpuTime,
    wallMs: item.wallTime,
    truncated,
    exceptions: exceptions.map(({ timestamp: at, name, message, stack }) => ({ at, name, message, stack: stack ?? null })),
    logs,
    event: eventOf(item.event),
  };
}

/** Credentials in URL and headers are covered by workerd already. */
function eventOf(event: TraceItem["event"]): RouterTrace["event"] {
  if (event === null) return null;
  if ("request" in event) {
    const { url, method, headers, cf } = event.request;
    const status = event.response?.status ?? null;
    return { kind: "request", url, method, headers: Object.entries(headers), cf: cf === undefined ? null : jsonOf(cf), status };
  }
  if ("cron" in event) return { kind: "scheduled", cron: event.cron, at: event.scheduledTime };
  if ("rpcMethod" in event) return { kind: "rpc", method: event.rpcMethod };
  return null;
}

function partsOf(message: unknown): string[] {
  const given: readonly unknown[] = Array.isArray(message) ? message : [message];
  return given.map(jsonOf);
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch {
    return JSON.stringify(String(value));
  }
}
