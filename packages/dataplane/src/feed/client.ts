/** The feed as the agent reads it (contract/src/feed.ts). What it answers is checked by MAC or hash where it matters. */
import { createInterface } from "node:readline";
import { createHash } from "node:crypto";
import { CorralError, parseJson, type Uuid } from "@corral/base";
import type { FeedChange, FeedHead, FeedHello, FeedLog, FeedState, FeedTrace, FeedVersion, FeedWorker } from "@corral/contract";
import { createUnixClient, jsonOf } from "../unix-http.ts";

const CALL_TIMEOUT_MS = 10_000;
/** The feed sends an empty line every 5 s. */
const SILENCE_MS = 15_000;

export interface FeedClient {
  hello(): Promise<FeedHello>;
  heads(): Promise<readonly FeedHead[]>;
  /** undefined: deleted. */
  findWorker(workerId: Uuid): Promise<FeedWorker | undefined>;
  findVersion(workerId: Uuid, idOrPrefix: string): Promise<FeedVersion | undefined>;
  /** Bytes that have this SHA-256; throws CorralError "manifest.forged" for others. */
  getModule(sha256: string): Promise<Uint8Array>;
  /** Calls `onChange` until the stream ends, fails or is aborted; `onOpen` once it is there. Never rejects. */
  follow(after: number, onOpen: () => void, onChange: (change: FeedChange) => void, signal: AbortSignal): Promise<void>;
  reportState(state: FeedState): Promise<void>;
  sendLogs(logs: readonly FeedLog[]): Promise<void>;
  sendTraces(traces: readonly FeedTrace[]): Promise<void>;
  close(): void;
}

export function createFeedClient(socketPath: string): FeedClient {
  const http = createUnixClient(socketPath);
  const get = async <T>(path: string): Promise<T> =>
    jsonOf<T>(await http.call({ method: "GET", path, timeoutMs: CALL_TIMEOUT_MS }));
  const find = async <T>(path: string): Promise<T | undefined> => {
    const answer = await http.call({ method: "GET", path, timeoutMs: CALL_TIMEOUT_MS });
    return answer.status === 404 ? undefined : jsonOf<T>(answer);
  };
  const post = async (path: string, body: unknown): Promise<void> => {
    const { status } = await http.call({ method: "POST", path, body, timeoutMs: CALL_TIMEOUT_MS });
    if (status >= 300) throw new CorralError("internal");
  };

  return {
    hello: () => get("/feed/hello"),
    heads: () => get("/feed/heads"),
    findWorker: (workerId) => find(`/feed/workers/${workerId}`),
    findVersion: (workerId, idOrPrefix) => find(`/feed/workers/${workerId}/versions/${idOrPrefix}`),
    async getModule(sha256) {
      const { status, body } = await http.call({ method: "GET", path: `/feed/modules/${sha256}`, timeoutMs: CALL_TIMEOUT_MS });
      if (status !== 200) throw new CorralError("internal");
      if (createHash("sha256").update(body).digest("hex") !== sha256) throw new CorralError("manifest.forged");
      return body;
    },
    async follow(after, onOpen, onChange, signal) {
      const silence = new AbortController();
      const timer = setTimeout(() => silence.abort(), SILENCE_MS);
      try {
        const stop = AbortSignal.any([signal, silence.signal]);
        const stream = await http.open({ method: "GET", path: `/feed/changes?after=${after}`, signal: stop });
        onOpen();
        for await (const line of createInterface({ input: stream })) {
          timer.refresh();
          const parsed = line === "" ? undefined : parseJson(line);
          if (parsed?.ok === true) onChange(parsed.value as unknown as FeedChange);
        }
      } catch {
        // Whatever ended it, the follower connects again and reconciles.
      } finally {
        clearTimeout(timer);
      }
    },
    reportState: (state) => post("/feed/states", state),
    sendLogs: (logs) => post("/feed/logs", logs),
    sendTraces: (traces) => post("/feed/traces", traces),
    close: () => http.close(),
  };
}
