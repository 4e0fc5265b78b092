/**
 * WebSockets on the API's listener, for live tails and nothing else. The path's capability is the whole credential:
 * clients send no other there (wire.md 10).
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CORRAL_BASE } from "@corral/contract";
import type { Tails, TailSink } from "@corral/control";
import type { Upgrades } from "../serve.ts";
import { createTailSocket, defaultTailSocketLimits, type TailSocket, type TailSocketLimits } from "./tail-socket.ts";

const PATH = new RegExp(`^${CORRAL_BASE}/tails/([0-9a-f]{64})$`);

export function tailPath(capability: string): string {
  return `${CORRAL_BASE}/tails/${capability}`;
}

export function createTailServer(tails: Tails, limits: Partial<TailSocketLimits> = {}): Upgrades {
  const open = new Set<TailSocket>();
  const settled = { ...defaultTailSocketLimits, ...limits };

  function accept(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    const capability = PATH.exec(request.url ?? "")?.[1] ?? "";
    // Until its listeners are there, an error of the connection would be nobody's.
    socket.on("error", () => socket.destroy());
    let detach: (() => void) | undefined;
    const client = createTailSocket(request, socket, head, settled, () => {
      open.delete(client);
      detach?.();
    });
    const sink: TailSink = { put: (trace) => client.put(trace), end: (reason) => client.end(reason) };
    const attached = isHandshake(request) ? tails.attach(capability, sink) : undefined;
    if (attached === undefined) {
      socket.end(REFUSAL);
      return;
    }
    detach = () => attached.detach();
    open.add(client);
    client.open();
  }

  return {
    wants: (request) => PATH.test(request.url ?? "") && request.headers.upgrade?.toLowerCase() === "websocket",
    accept,
    close() {
      for (const client of open) client.close();
    },
  };
}

/** RFC 6455; the drafts before it have no masks and no limits. */
function isHandshake({ method, headers }: IncomingMessage): boolean {
  const key = headers["sec-websocket-key"];
  return method === "GET" && headers["sec-websocket-version"] === "13" && key !== undefined && /^[\w+/]{22}==$/.test(key);
}

const BODY = JSON.stringify({
  result: null,
  success: false,
  errors: [{ code: 10001, message: "This tail does not exist, or it has ended." }],
  messages: [],
});
const REFUSAL = [
  "HTTP/1.1 404 Not Found",
  "content-type: application/json",
  "cache-control: no-store",
  "connection: close",
  `content-length: ${BODY.length}`,
  "",
  BODY,
].join("\r\n");
