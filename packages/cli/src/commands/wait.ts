/** After a change: wait until the nodes serve it, and say how long that took. Only a Corral can tell; elsewhere nothing is said. */
import type { JsonValue } from "@corral/base";
import { yesNo } from "../args/flags.ts";
import type { Cli } from "../cli.ts";
import { asObject } from "../client/http-client.ts";
import { Refusal } from "../client/refusal.ts";
import type { WorkerApi } from "../client/worker-api.ts";
import { items } from "../client/shapes.ts";
import { Failure } from "../output/errors.ts";
import { withProgress } from "../output/progress.ts";
import { counted, duration } from "../output/words.ts";

export const waitFlag = { wait: yesNo("wait until the nodes report the change live (--no-wait not to)") };

/** How long a change is waited for before it is told as still on its way. */
const PATIENCE_MS = 30_000;

export interface LiveState {
  readonly state: "converging" | "live" | "failed";
  readonly nodes: readonly { readonly node: string; readonly state: string; readonly reason: string | undefined }[];
}

/** undefined: not asked for, or the server does not tell. Throws Failure when a node could not start the version. */
export async function waitLive(
  api: WorkerApi,
  wait: boolean | undefined,
  cli: Cli,
): Promise<{ live: boolean; ms: number } | undefined> {
  if (wait === false) return undefined;
  const start = cli.io.now();
  const state = await withProgress(cli, "Waiting for the nodes", readState(api, PATIENCE_MS));
  if (state === undefined) return undefined;
  const ms = Math.round(cli.io.now() - start);
  if (state.state === "failed") throw notStarted(state);
  if (state.state === "live") cli.out.note(`Live on ${counted(state.nodes.length, "node")} after ${duration(ms)}.`);
  else cli.out.note(`Stored, and not live on every node after ${duration(ms)}: corral status`);
  return { live: state.state === "live", ms };
}

/**
 * How far the nodes are with the Worker's newest state, at most after `timeoutMs`; undefined where the server has no such
 * route (/corral/v1 is Corral's own) or no nodes.
 */
export async function readState(api: WorkerApi, timeoutMs: number): Promise<LiveState | undefined> {
  const path = `/corral/v1/workers/${encodeURIComponent(api.worker)}/state`;
  const query = { wait_epoch: "latest", timeout_ms: String(timeoutMs) };
  try {
    const { result } = await api.http.request({ method: "GET", from: "root", path, query, timeoutMs: timeoutMs + 10_000 });
    api.http.isCorral = true;
    return parseState(result);
  } catch (error) {
    if (error instanceof Refusal || error instanceof Failure) return undefined;
    throw error;
  }
}

function parseState(result: JsonValue): LiveState | undefined {
  const object = asObject(result);
  const nodes = items(object?.["nodes"]).flatMap((one) => {
    const { node, state, reason } = asObject(one) ?? {};
    if (typeof node !== "string" || typeof state !== "string") return [];
    return [{ node, state, reason: typeof reason === "string" ? reason : undefined }];
  });
  if (object === undefined || nodes.length === 0) return undefined;
  if (object["settled"] === false) return { state: "converging", nodes };
  return { state: nodes.some((one) => one.state === "failed") ? "failed" : "live", nodes };
}

function notStarted(state: LiveState): Failure {
  const places = state.nodes
    .filter((one) => one.state === "failed")
    .map((one) => `${one.node}: ${one.reason ?? "it did not start"}`);
  return new Failure("The change is stored, but the new version does not start; the last good version keeps serving.", {
    places,
    hints: ["Roll back: corral rollback", "Or put a value that works"],
  });
}
