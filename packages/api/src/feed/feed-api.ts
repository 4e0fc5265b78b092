/**
 * The feed's HTTP edge (contract's feed.ts): what the control plane tells an agent. It listens on a unix socket in a
 * 0700 directory, and keys travel on it; whoever may connect is the agent.
 */
import { CorralError, isUuid, type Random, type Uuid } from "@corral/base";
import { feedLogsBody, type FeedLog, feedStateBody, feedTracesBody, parseBody } from "@corral/contract";
import type { FeedSource } from "@corral/control";
import { type Context, Hono } from "hono";
import { errorResponse } from "../error-mapper.ts";
import type { ApiFailure } from "../options.ts";
import { parseJsonBody, readBody } from "../request/body.ts";
import { newRequestId } from "../request/request-id.ts";
import { respond } from "../request/respond.ts";
import { changeStream } from "./change-stream.ts";

export interface FeedApiOptions {
  readonly source: FeedSource;
  readonly random: Random;
  readonly log: (failure: ApiFailure) => void;
  /** What Workers printed, redacted by the agent. */
  readonly onLogs: (logs: readonly FeedLog[]) => void;
  /** Ends every open stream of changes; abort it before the server is closed. */
  readonly signal: AbortSignal;
  /** How often an idle stream says that it lives; 5000 unless given. */
  readonly heartbeatMs?: number;
}

const BODY_LIMIT = 16 * 1024 * 1024;
const PREFIX = /^[0-9a-f]{8}$/;
const SHA256 = /^[0-9a-f]{64}$/;

type Answer = { readonly json: unknown } | { readonly body: Uint8Array | ReadableStream; readonly type: string };

export function createFeedApi(options: FeedApiOptions): Hono {
  const { source } = options;
  const app = new Hono();
  const route = (handler: (context: Context) => Promise<Answer>) => edge(options, handler);

  app.get(
    "/feed/hello",
    route(async () => ({ json: await source.hello() })),
  );
  app.get(
    "/feed/heads",
    route(async () => ({ json: await source.heads() })),
  );
  app.get(
    "/feed/changes",
    route(async (context) => ({
      body: changeStream(source, readSeq(context.req.query("after")), options.signal, options.heartbeatMs ?? 5000),
      type: "application/x-ndjson",
    })),
  );
  app.get(
    "/feed/workers/:workerId",
    route(async (context) => ({ json: found(await source.worker(readUuid(context))) })),
  );
  app.get(
    "/feed/workers/:workerId/versions/:version",
    route(async (context) => {
      const version = context.req.param("version") ?? "";
      if (!isUuid(version) && !PREFIX.test(version)) throw new CorralError("route.malformed");
      return { json: found(await source.version(readUuid(context), version)) };
    }),
  );
  app.get(
    "/feed/modules/:sha256",
    route(async (context) => {
      const sha256 = context.req.param("sha256") ?? "";
      if (!SHA256.test(sha256)) throw new CorralError("route.malformed");
      return { body: found(await source.module(sha256)), type: "application/octet-stream" };
    }),
  );
  app.post(
    "/feed/states",
    route(async (context) => {
      source.report(parseBody(feedStateBody, await readJson(context)));
      return { json: null };
    }),
  );
  app.post(
    "/feed/logs",
    route(async (context) => {
      options.onLogs(parseBody(feedLogsBody, await readJson(context)));
      return { json: null };
    }),
  );
  app.post(
    "/feed/traces",
    route(async (context) => {
      source.publish(parseBody(feedTracesBody, await readJson(context)));
      return { json: null };
    }),
  );
  app.all(
    "*",
    route(() => Promise.reject(new CorralError("route.not-found"))),
  );
  return app;
}

/** Bare JSON, no envelope: both ends are ours. */
function edge(options: FeedApiOptions, handler: (context: Context) => Promise<Answer>) {
  return async (context: Context): Promise<Response> => {
    const requestId = newRequestId(options.random);
    try {
      const answer = await handler(context);
      if ("json" in answer) return respond(requestId, 200, JSON.stringify(answer.json));
      const body = answer.body instanceof ReadableStream ? answer.body : Uint8Array.from(answer.body);
      return respond(requestId, 200, body, { "content-type": answer.type });
    } catch (error) {
      return errorResponse(error, { requestId, operation: "feed" }, options.log);
    }
  };
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new CorralError("route.not-found");
  return value;
}

function readUuid(context: Context): Uuid {
  const id = context.req.param("workerId") ?? "";
  if (!isUuid(id)) throw new CorralError("route.malformed");
  return id;
}

/** A cursor is a hint: one that cannot be read begins at the beginning. */
function readSeq(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

async function readJson(context: Context) {
  return parseJsonBody(await readBody(context.req.raw, BODY_LIMIT));
}
