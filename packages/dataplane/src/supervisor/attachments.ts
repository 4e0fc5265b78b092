/** The two requests that last as long as a workerd process: its lifeline, and the reading of its events. */
import type { LogsAnswer } from "../router/protocol.ts";
import type { Workerd } from "./workerd.ts";

/** The router ends its process when this answer has no reader any more: when the agent died, however it died. */
export function holdLifeline(workerd: Workerd): void {
  void workerd
    .stream("/lifeline")
    .then((beats) => {
      beats.on("error", () => {});
      beats.resume();
    })
    // Without a lifeline it could outlive the agent.
    .catch(() => workerd.kill());
}

const LOGS_TIMEOUT_MS = 40_000;

export async function followLogs(workerd: Workerd, over: AbortSignal, onLogs: (answer: LogsAnswer) => void): Promise<void> {
  while (!over.aborted) {
    try {
      const answer = await workerd.ask<LogsAnswer>("GET", "/logs", undefined, LOGS_TIMEOUT_MS);
      if (answer.events.length > 0 || answer.dropped > 0) onLogs(answer);
      if (answer.released) return;
    } catch {
      // The watch decides about the process; here only the pace matters.
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
