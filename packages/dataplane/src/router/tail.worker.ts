/** Receives the trace of each invocation of a Worker whose logs are wanted; `props` say whose. */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { TailLine, TailProps } from "./protocol.ts";
import { PROBE_ENTRYPOINT } from "./loading.worker.ts";
import { events, type RouterEnv, table } from "./state.worker.ts";
import { traceOf } from "./trace.worker.ts";

export class Tail extends WorkerEntrypoint<RouterEnv, TailProps> {
  override tail(items: TraceItem[]): void {
    const { workerId, versionId } = this.ctx.props;
    const tailed = table.ofWorker(workerId)?.tailed === true;
    for (const item of items) {
      const lines = linesOf(item);
      const trace = tailed && item.entrypoint !== PROBE_ENTRYPOINT ? { trace: traceOf(item) } : {};
      if (lines.length > 0 || "trace" in trace) events.put({ workerId, versionId, lines, ...trace });
    }
  }
}

function linesOf(item: TraceItem): TailLine[] {
  if (item.logs.length === 0 && item.exceptions.length === 0) return [];
  const printed = item.logs.map(({ timestamp, level, message }) => ({ at: timestamp, level, parts: partsOf(message) }));
  const thrown = item.exceptions.map(({ timestamp, name, message, stack }) => ({
    at: timestamp,
    level: "error",
    parts: [`Uncaught ${name}: ${message}`, ...(stack === undefined ? [] : [stack])],
  }));
  return [...printed, ...thrown].toSorted((a, b) => a.at - b.at);
}

/** console.log's arguments; a text stays as it is, the rest is shown as JSON. */
function partsOf(message: unknown): string[] {
  const given: readonly unknown[] = Array.isArray(message) ? message : [message];
  return given.map((value) => {
    if (typeof value === "string") return value;
    try {
      return JSON.stringify(value) ?? String(value);
    } catch {
      return String(value);
    }
  });
}
