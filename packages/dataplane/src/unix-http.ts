/** HTTP over a unix socket, for the feed and for workerd's control sockets: connections are kept, answers are bounded. */
import { Agent, request } from "node:http";
import { Readable } from "node:stream";
import { CorralError, parseJson, utf8 } from "@corral/base";

export interface UnixCall {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface UnixAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

export interface UnixClient {
  /** Rejects with a bare error when there is no answer; the status is the caller's to judge. */
  call(call: UnixCall): Promise<UnixAnswer>;
  /** The answer's body as it comes. Rejects unless the status is 200. */
  open(call: UnixCall): Promise<Readable>;
  close(): void;
}

const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

export function createUnixClient(socketPath: string, maxSockets = 16): UnixClient {
  const agent = new Agent({ keepAlive: true, maxSockets });

  async function send(call: UnixCall): Promise<Response> {
    try {
      return await sendOnce(agent, socketPath, call);
    } catch (error) {
      // The other end may close a kept connection just when it is used again; what is asked here can be asked twice.
      if (!(error instanceof ConnectionLost)) throw error;
      return sendOnce(agent, socketPath, call);
    }
  }

  return {
    async call(call) {
      const { status, stream } = await send(call);
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const part of stream as AsyncIterable<Uint8Array>) {
        size += part.length;
        if (size > MAX_ANSWER_BYTES) throw new Error("internal: an answer without end");
        parts.push(part);
      }
      return { status, body: parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts) };
    },
    async open(call) {
      const { status, stream } = await send(call);
      if (status === 200) return stream;
      stream.destroy();
      throw new Error("internal: a stream was refused");
    },
    close: () => agent.destroy(),
  };
}

interface Response {
  readonly status: number;
  readonly stream: Readable;
}

class ConnectionLost extends Error {}

function sendOnce(agent: Agent, socketPath: string, { method, path, body, timeoutMs, signal }: UnixCall): Promise<Response> {
  const bytes = body === undefined ? undefined : utf8(JSON.stringify(body));
  const limit = timeoutMs === undefined ? undefined : AbortSignal.timeout(Math.ceil(timeoutMs));
  const signals = [signal, limit].filter((given) => given !== undefined);
  return new Promise((resolve, reject) => {
    const sent = request({
      socketPath,
      method,
      path,
      agent,
      ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
      headers: bytes === undefined ? {} : { "content-type": "application/json", "content-length": bytes.length },
    });
    sent.once("error", (error: NodeJS.ErrnoException) => {
      const lost = sent.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      reject(lost ? new ConnectionLost() : error);
    });
    sent.once("response", (stream) => resolve({ status: stream.statusCode ?? 0, stream }));
    sent.end(bytes);
  });
}

// oxlint-disable typescript/no-unnecessary-type-parameters -- names what the other end of our own protocol sends
/** Reads an answer of our own processes as JSON; throws CorralError "internal" for anything but a 200 with JSON. */
export function jsonOf<T>({ status, body }: UnixAnswer): T {
  const parsed = status === 200 ? parseJson(body) : undefined;
  if (parsed?.ok !== true) throw new CorralError("internal");
  return parsed.value as T;
}
