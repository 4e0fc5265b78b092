/** Live tails on the wire (wire.md 10): what POST S/tails answers, and each invocation as one JSON text. */
import { type JsonValue, parseJson, timestamp } from "@corral/base";
import type { FeedTrace, FeedTraceEvent } from "@corral/contract";
import type { Tail } from "@corral/control";

/** Without the URL: it opens the tail, and only whoever began it is told. */
export function presentTail({ id, createdAt, expiresAt, tokenId, isConnected }: Tail) {
  const [created_on, expires_at] = [timestamp(createdAt), timestamp(expiresAt)];
  return { id, expires_at, created_on, token_id: tokenId, connected: isConnected };
}

export function presentTrace(trace: FeedTrace): string {
  return JSON.stringify({
    wallTime: trace.wallMs,
    cpuTime: trace.cpuMs,
    truncated: trace.truncated,
    executionModel: "stateless",
    outcome: trace.outcome,
    scriptName: trace.workerName,
    scriptVersion: { id: trace.versionId },
    ...(trace.entrypoint !== null && { entrypoint: trace.entrypoint }),
    diagnosticsChannelEvents: [],
    exceptions: trace.exceptions.map(({ at, name, message, stack }) => ({
      ...(stack !== null && { stack }),
      name,
      message,
      timestamp: at,
    })),
    logs: trace.logs.map(({ at, level, message }) => ({ message: message.map(logged), level, timestamp: at })),
    eventTimestamp: trace.at,
    event: trace.event === null ? null : presentEvent(trace.event),
  });
}

function presentEvent(event: FeedTraceEvent) {
  switch (event.kind) {
    case "request": {
      const { url, method, headers, cf, status } = event;
      const request = { url, method, headers: Object.fromEntries(headers), ...(cf !== null && { cf: logged(cf) }) };
      return { request, ...(status !== null && { response: { status } }) };
    }
    case "scheduled":
      return { cron: event.cron, scheduledTime: event.at };
    case "rpc":
      return { rpcMethod: event.method };
    default:
      return null;
  }
}

/** What is no strict JSON (`__proto__`, a key twice) is shown as the text it is. */
function logged(json: string): JsonValue {
  const parsed = parseJson(json);
  return parsed.ok ? parsed.value : json;
}

/** The client does not read as fast as the Worker is used; the shape is the one that wrangler has for it. */
export function presentOverload(dropped: number): string {
  return JSON.stringify({
    outcome: "unknown",
    scriptName: null,
    exceptions: [],
    logs: [],
    eventTimestamp: null,
    event: { type: "overload", message: `The tail could not keep up: ${dropped} invocations are not shown.` },
  });
}
