/**
 * The HTTP edge: Cloudflare's wire at /client/v4, our own routes at /corral/v1. Routes come from the contract's table;
 * each is authenticated, held to its account and its body limit, and answered in one envelope.
 */
import { CorralError } from "@corral/base";
import {
  type BodyKind,
  type BodyLimits,
  CLOUDFLARE_BASE,
  cloudflareRoutes,
  type CloudflareRouteId,
  CORRAL_BASE,
  corralRoutes as corralTable,
  type CorralRouteId,
  defaultBodyLimits,
  type Route,
} from "@corral/contract";
import { type Context, Hono } from "hono";
import { errorResponse } from "./error-mapper.ts";
import type { ApiOptions } from "./options.ts";
import { authenticate } from "./request/credentials.ts";
import { Exchange, type Handler } from "./request/exchange.ts";
import { newRequestId } from "./request/request-id.ts";
import { sourceOf } from "./request/source.ts";
import { accountRoutes } from "./routes/account.ts";
import { corralRoutes } from "./routes/corral.ts";
import { deploymentRoutes } from "./routes/deployments.ts";
import { type OpenHandler, type OpenRouteId, openRoutes } from "./routes/open.ts";
import { isForeignProduct } from "./routes/out-of-scope.ts";
import { scriptRoutes } from "./routes/scripts.ts";
import { secretRoutes } from "./routes/secrets.ts";
import { serviceRoutes } from "./routes/services.ts";
import { tailRoutes } from "./routes/tails.ts";
import { versionRoutes } from "./routes/versions.ts";
import { workerRoutes } from "./routes/workers.ts";

const handlers: Readonly<Record<CloudflareRouteId, Handler>> = {
  ...accountRoutes,
  ...serviceRoutes,
  ...scriptRoutes,
  ...secretRoutes,
  ...versionRoutes,
  ...deploymentRoutes,
  ...tailRoutes,
  ...workerRoutes,
};

const ownHandlers: Readonly<Record<Exclude<CorralRouteId, OpenRouteId>, Handler>> = corralRoutes;

export function createApi(options: ApiOptions): Hono {
  const app = new Hono({ strict: false });
  const limits = { ...defaultBodyLimits, ...options.limits };
  for (const [id, route] of Object.entries(cloudflareRoutes)) {
    register(app, CLOUDFLARE_BASE, route, edge(options, limits, id, route, handlers[id as CloudflareRouteId]));
  }
  for (const [id, route] of Object.entries(corralTable)) {
    const open = openRoutes[id as OpenRouteId] as OpenHandler | undefined;
    const closed = ownHandlers[id as keyof typeof ownHandlers];
    register(app, CORRAL_BASE, route, open === undefined ? edge(options, limits, id, route, closed) : () => open(options));
  }
  app.all("*", edge(options, limits, "none", UNKNOWN, unknownRoute));
  app.onError((error) => errorResponse(error, { requestId: newRequestId(options.random), operation: "none" }, options.log));
  return app;
}

const UNKNOWN: Route = { method: "GET", path: "", body: "none", summary: "" };

function register(app: Hono, base: string, route: Route, handler: (context: Context) => Promise<Response>): void {
  app.on(route.method, base + route.path.replaceAll(/\{(\w+)\}/g, ":$1"), handler);
}

/** What every request passes, in this order; a failure anywhere becomes an envelope with the request's id. */
function edge(
  options: ApiOptions,
  limits: BodyLimits,
  operation: string,
  route: Route,
  handler: Handler,
): (context: Context) => Promise<Response> {
  const refusal = refusalOf(operation);
  const limit = bodyLimit(limits, route.body);
  return async (context) => {
    const requestId = newRequestId(options.random);
    try {
      refuseMalformedPath(context.req.path);
      const principal = await authenticate(options.control, (name) => context.req.header(name), refusal);
      const account = context.req.param("account_id");
      if (account !== undefined && account !== principal.accountId) throw new CorralError("auth.denied");
      const caller = { ...principal, source: sourceOf(context.req.header("user-agent")), requestId };
      return await handler(new Exchange(context, caller, options, limit));
    } catch (error) {
      return errorResponse(error, { requestId, operation }, options.log);
    }
  };
}

/** wire.md 3: wrangler reads these three differently. */
function refusalOf(operation: string): "token" | "access" | "denied" {
  if (operation === "user.verify" || operation === "accounts.verify") return "token";
  return operation === "user.get" || operation === "accounts.list" || operation === "accounts.get" ? "access" : "denied";
}

function bodyLimit(limits: BodyLimits, kind: BodyKind): number {
  return kind === "none" ? limits.json : limits[kind];
}

/** Percent signs that decode to no text would reach the use cases raw; hono has decoded what it could. */
function refuseMalformedPath(path: string): void {
  if (!path.includes("%") && !path.includes("\0")) return;
  let decoded = "\0";
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // Refused below.
  }
  if (decoded.includes("\0")) throw new CorralError("route.malformed");
}

async function unknownRoute(exchange: Exchange): Promise<Response> {
  throw new CorralError(isForeignProduct(exchange.path) ? "route.out-of-scope" : "route.not-found");
}
