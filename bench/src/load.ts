import { Worker } from "node:worker_threads";

export interface LoadOrder {
  readonly port: number;
  /** The Host header. */
  readonly host: string;
  /** `{n}` becomes the connection's number. */
  readonly path: string;
  /** GET unless given. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly connections: number;
  readonly milliseconds: number;
}

export interface LoadAnswer {
  /** Answers of status 200 per second. */
  readonly perSecond: number;
  readonly failed: number;
  /** Milliseconds from a request to its answer. */
  readonly p50: number;
  readonly p99: number;
  /** How much of its time the loading thread was at work; near 1 it is the bottleneck itself. */
  readonly busy: number;
}

/** Keeps the connections busy for that long; runs in a thread of its own. */
export function load(order: LoadOrder): Promise<LoadAnswer> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL("load-thread.ts", import.meta.url), { workerData: order });
    thread.once("message", resolve);
    thread.once("error", reject);
    thread.once("exit", (code) => reject(new Error(`the loading thread ended with ${code}`)));
  });
}
