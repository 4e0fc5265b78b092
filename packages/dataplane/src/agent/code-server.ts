/**
 * Where the router pulls code and env from (router/protocol.ts). The socket lies in the 0700 run directory, and of all
 * that runs in workerd only the router has a way to it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { rm } from "node:fs/promises";
import { parseJson } from "@corral/base";
import type { LoadAnswer, ResolveAnswer } from "../router/protocol.ts";

export interface CodeServerOptions {
  readonly socket: string;
  readonly codeOf: (isolate: string) => Promise<LoadAnswer | undefined>;
  readonly resolve: (host: string) => Promise<ResolveAnswer | undefined>;
}

export interface UnixServer {
  close(): Promise<void>;
}

export function serveCode(options: CodeServerOptions): Promise<UnixServer> {
  return serveUnix(options.socket, async (request, response) => {
    const [, what, isolate] = (request.url ?? "").split("/");
    if (what === "code" && isolate !== undefined) return sendCode(options, isolate, response);
    if (what === "resolve") return sendResolved(options, await readBody(request, 4_096), response);
    response.writeHead(404).end();
  });
}

async function sendCode({ codeOf }: CodeServerOptions, isolate: string, response: ServerResponse): Promise<void> {
  const answer = await codeOf(isolate);
  if (answer === undefined) return void response.writeHead(404).end();
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
}

async function sendResolved({ resolve }: CodeServerOptions, body: Uint8Array, response: ServerResponse): Promise<void> {
  const parsed = parseJson(body);
  const host = parsed.ok ? (parsed.value as { readonly host?: unknown }).host : undefined;
  const found = typeof host === "string" ? await resolve(host) : undefined;
  if (found === undefined) return void response.writeHead(404).end();
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(found));
}

/** What a handler throws becomes a 500 without words: the one who asks has its own. */
export async function serveUnix(
  socket: string,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<UnixServer> {
  await rm(socket, { force: true });
  const server = createServer((request, response) => {
    handle(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  // A connection that closes just when the other end uses it again would be a failed load.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socket, resolve);
  });
  return {
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(socket, { force: true });
    },
  };
}

/** Rejects when it is longer. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > maxBytes) throw new Error("internal: a request without end");
    parts.push(part);
  }
  return Buffer.concat(parts);
}
