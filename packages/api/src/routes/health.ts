import { success } from "@corral/contract";
import type { Context } from "hono";
import type { ApiOptions } from "../options.ts";
import { newRequestId } from "../request/request-id.ts";
import { respond } from "../request/respond.ts";

/** GET /corral/v1/health: the one route without a token, for supervisors and load balancers. It says a word and nothing else. */
export async function health(_context: Context, options: ApiOptions): Promise<Response> {
  const requestId = newRequestId(options.random);
  const state = await (options.health?.() ?? Promise.resolve("ok" as const)).catch(() => "stopping" as const);
  return respond(requestId, state === "ok" ? 200 : 503, JSON.stringify(success({ status: state })));
}
