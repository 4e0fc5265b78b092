/** Rings after each commit of this process. Who hears it asks the store what changed: a ring carries nothing. */
export interface ChangeBell {
  ring(): void;
  /** Resolves at the next ring, after `timeoutMs`, or when the signal aborts. Subscribe before reading. */
  next(timeoutMs: number, signal: AbortSignal): Promise<void>;
}

export function createChangeBell(): ChangeBell {
  const waiting = new Set<() => void>();
  return {
    ring() {
      for (const wake of waiting) wake();
    },
    next(timeoutMs, signal) {
      return new Promise((resolve) => {
        const wake = (): void => {
          waiting.delete(wake);
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        const timer = setTimeout(wake, timeoutMs);
        timer.unref();
        signal.addEventListener("abort", wake, { once: true });
        waiting.add(wake);
        if (signal.aborted) wake();
      });
    },
  };
}
