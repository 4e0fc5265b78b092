/** What listens: the API on loopback, and the feed on a unix socket that only this user can reach. */
import { type ApiFailure, createApi, createFeedApi, createTailServer, type Served, serveApi } from "@corral/api";
import { systemClock, systemRandom } from "@corral/base";
import type { FeedLog } from "@corral/contract";
import type { Control, FeedSource, Tails } from "@corral/control";
import type { OperatorLog } from "./logs.ts";
import { portTaken } from "./messages.ts";
import { StartError } from "./start-error.ts";

/** Requests to the API are short; a client that holds one open longer is cut. */
const API_GRACE_MS = 5_000;

export interface Listening {
  /** 0 on a unix socket. */
  readonly port: number;
  close(): Promise<void>;
}

/** Without `tails` their URLs lead nowhere: no node is there whose Workers could be watched. */
export async function listenForApi(
  control: Control,
  log: OperatorLog,
  host: string,
  port: number,
  tails?: Tails,
): Promise<Listening> {
  const upgrades = tails === undefined ? {} : { upgrades: createTailServer(tails) };
  const app = createApi({ control, clock: systemClock, random: systemRandom, log: failureLog(log) });
  const served = await listening("CORRAL_API_PORT", port, () => serveApi(app, { host, port }, upgrades));
  return { port: served.port, close: () => served.close(API_GRACE_MS) };
}

export interface FeedListenOptions {
  readonly source: FeedSource;
  readonly log: OperatorLog;
  onLogs(logs: readonly FeedLog[]): void;
}

export async function listenForFeed({ source, log, onLogs }: FeedListenOptions, socketPath: string): Promise<Listening> {
  const closing = new AbortController();
  const app = createFeedApi({ source, random: systemRandom, log: failureLog(log), onLogs, signal: closing.signal });
  const served = await serveApi(app, { socketPath });
  return {
    port: 0,
    async close() {
      closing.abort();
      await served.close(0);
    },
  };
}

/** A taken port is the operator's to settle; the message names the variable, not the port's other user. */
async function listening(variable: string, port: number, serve: () => Promise<Served>): Promise<Served> {
  try {
    return await serve();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | null)?.code;
    if (code === "EADDRINUSE") throw new StartError(...portTaken(variable, port));
    if (code === "EACCES")
      throw new StartError(`Port ${port} is not open to this user.`, [`choose one above 1023 with ${variable}`]);
    throw error;
  }
}

function failureLog(log: OperatorLog): (failure: ApiFailure) => void {
  return ({ requestId, operation, errorName, errorCode, frames }) =>
    log.write({
      event: "request.failed",
      requestId,
      operation,
      error: errorName,
      ...(errorCode === undefined ? {} : { code: errorCode }),
      frames,
    });
}
