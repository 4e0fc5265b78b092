/**
 * Listening, with bounds on everything a client can be slow or large at (security.md 2, "Limits"), and a drain at the
 * end: no new connection, idle ones closed, running requests finished within the grace period.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";

export type ListenAt = { readonly host: string; readonly port: number } | { readonly socketPath: string };

export interface ServeOptions {
  /** Until the headers are whole, milliseconds. */
  readonly headersTimeoutMs?: number;
  /** Until the body is whole, milliseconds. */
  readonly requestTimeoutMs?: number;
  readonly maxHeaderBytes?: number;
  /** Without it an upgrade is a request like any other. */
  readonly upgrades?: Upgrades;
}

/** Connections that become something else than HTTP. */
export interface Upgrades {
  wants(request: IncomingMessage): boolean;
  /** Only what it wants. */
  accept(request: IncomingMessage, socket: Duplex, head: Uint8Array): void;
  /** Ends each of them, soon. */
  close(): void;
}

export interface Served {
  /** 0 on a unix socket. */
  readonly port: number;
  readonly server: Server;
  /** Resolves when every connection is closed; after `graceMs` those that remain are cut. */
  close(graceMs?: number): Promise<void>;
}

interface App {
  fetch(request: Request): Response | Promise<Response>;
}

/** Rejects with node's own error when the address is taken or refused. */
export async function serveApi(app: App, at: ListenAt, options: ServeOptions = {}): Promise<Served> {
  const listener = getRequestListener((request) => app.fetch(request), {
    // A request without a usable Host or target never reaches the app.
    errorHandler: () => new Response(UNREADABLE, { status: 400, headers: { "content-type": "application/json" } }),
  });
  const server = createServer(
    {
      maxHeaderSize: options.maxHeaderBytes ?? 16 * 1024,
      headersTimeout: options.headersTimeoutMs ?? 10_000,
      requestTimeout: options.requestTimeoutMs ?? 60_000,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: 5000,
      noDelay: true,
      shouldUpgradeCallback: (request) => options.upgrades?.wants(request) ?? false,
    },
    (incoming, outgoing) => {
      if (closing) outgoing.setHeader("connection", "close");
      void listener(incoming, outgoing);
    },
  );
  let closing = false;
  // Node neither times nor closes a connection that has left HTTP.
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Uint8Array) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    options.upgrades?.accept(request, socket, head);
  });
  await listen(server, at);
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    server,
    close: (graceMs = 10_000) => {
      closing = true;
      options.upgrades?.close();
      return drain(server, graceMs, () => upgraded.forEach((socket) => socket.destroy()));
    },
  };
}

const UNREADABLE = JSON.stringify({
  result: null,
  success: false,
  errors: [{ code: 10026, message: "Could not parse the request." }],
  messages: [],
});

function listen(server: Server, at: ListenAt): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const listening = () => {
      server.removeListener("error", reject);
      resolve();
    };
    if ("socketPath" in at) server.listen(at.socketPath, listening);
    else server.listen(at.port, at.host, listening);
  });
}

function drain(server: Server, graceMs: number, cutOthers: () => void): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections();
      cutOthers();
    }, graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
