/**
 * One HTTP exchange. Not fetch: it loads an HTTP client of its own and triples the start-up time. Plain HTTP, which is
 * how the Corral of this machine is reached, goes over node:net by a reader of our own: node:http would be a sixth of
 * the whole run. TLS goes over node:https, got by getBuiltinModule, because its view as an ES module costs 20 ms.
 */
import type { IncomingMessage } from "node:http";
import { ResponseReader } from "./response-reader.ts";

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
  readonly timeoutMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** By its name in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
}

/** No answer came. `sent` says whether the server may have seen the request. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  readonly sent: boolean;
  readonly certificate: boolean;
  constructor(sent: boolean, certificate = false) {
    super("no answer");
    this.sent = sent;
    this.certificate = certificate;
  }
}

export type Transport = (request: HttpRequest) => Promise<HttpAnswer>;

/** An answer that is larger is none of this API: its biggest are 64 MiB of modules. */
const MAX_ANSWER = 128 * 1024 * 1024;

export const transport: Transport = (request) => (request.url.protocol === "https:" ? overTls(request) : plainly(request));

/** One connection for one exchange. */
function plainly({ method, url, headers, body, timeoutMs }: HttpRequest): Promise<HttpAnswer> {
  const net = process.getBuiltinModule("node:net");
  return new Promise((resolve, reject) => {
    let sent = false;
    const reader = new ResponseReader(MAX_ANSWER);
    const socket = net.connect({ host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || 80) });
    const fail = () => {
      socket.destroy();
      reject(new NoAnswer(sent));
    };
    const settle = (step: () => void) => {
      try {
        step();
      } catch {
        return fail();
      }
      const { head } = reader;
      if (!reader.done || head === undefined) return;
      socket.destroy();
      resolve({ status: head.status, header: (name) => head.headers.get(name), body: reader.body });
    };
    socket.setTimeout(timeoutMs, fail);
    socket.on("error", fail);
    socket.on("data", (chunk: Buffer) => settle(() => reader.push(chunk)));
    socket.on("end", () => settle(() => reader.end()));
    socket.on("close", () => {
      if (!reader.done) fail();
    });
    socket.on("connect", () => {
      sent = true;
      const lines = Object.entries({ host: url.host, connection: "close", ...headers }).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      const head = Buffer.from(`${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
      // In one packet: two would wait for each other's acknowledgement.
      socket.write(body === undefined ? head : Buffer.concat([head, typeof body === "string" ? Buffer.from(body) : body]));
    });
  });
}

function overTls({ method, url, headers, body, timeoutMs }: HttpRequest): Promise<HttpAnswer> {
  const https = process.getBuiltinModule("node:https");
  return new Promise((resolve, reject) => {
    let sent = false;
    const outgoing = https.request(url, { method, headers, timeout: timeoutMs }, (incoming) => {
      collect(incoming).then(resolve, () => reject(new NoAnswer(true)));
    });
    outgoing.on("socket", (socket) => {
      if (socket.connecting) socket.once("secureConnect", () => (sent = true));
      else sent = true;
    });
    outgoing.on("timeout", () => outgoing.destroy());
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      reject(new NoAnswer(sent, /CERT|TLS|SSL|SELF_SIGNED|ALTNAME/.test(error.code ?? "")));
    });
    outgoing.end(body);
  });
}

async function collect(incoming: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_ANSWER) throw new NoAnswer(true);
    chunks.push(chunk);
  }
  const header = (name: string) => {
    const value = incoming.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  return { status: incoming.statusCode ?? 0, header, body: Buffer.concat(chunks) };
}
