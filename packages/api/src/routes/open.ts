/** Routes without a token. They say what anybody may know: that Corral answers, and what its own routes are. */
import { corralDocsPage, corralOpenApi, success } from "@corral/contract";
import type { ApiOptions } from "../options.ts";
import { newRequestId } from "../request/request-id.ts";
import { respond } from "../request/respond.ts";

export type OpenHandler = (options: ApiOptions) => Promise<Response>;

export const openRoutes = {
  "corral.health": async (options) => {
    const state = await (options.health?.() ?? Promise.resolve("ok" as const)).catch(() => "stopping" as const);
    return respond(newRequestId(options.random), state === "ok" ? 200 : 503, JSON.stringify(success({ status: state })));
  },

  "corral.openapi": async (options) => respond(newRequestId(options.random), 200, JSON.stringify(corralOpenApi())),

  "corral.docs": async (options) =>
    respond(newRequestId(options.random), 200, corralDocsPage(), { "content-type": "text/html; charset=utf-8" }),
} satisfies Record<string, OpenHandler>;

export type OpenRouteId = keyof typeof openRoutes;
