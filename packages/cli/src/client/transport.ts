/**
 * One HTTP exchange over node:http or node:https. Not fetch: it loads an HTTP client of its own and triples the start-up
 * time; and not `import "node:http"`, whose ES-module view costs 20 ms (it evaluates lazy getters).
 */
import type { Agent, IncomingMessage } from "node:http";

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
  readonly timeoutMs: number;
}

export interface HttpAnswer {
  readonly status: number;
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

export function openTransport(): Transport {
  const agents = new Map<string, Agent>();
  return (request) => {
    const secure = request.url.protocol === "https:";
    const http = secure ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
    let agent = agents.get(request.url.protocol);
    if (agent === undefined) agents.set(request.url.protocol, (agent = new http.Agent({ keepAlive: true, maxSockets: 8 })));
    return new Promise((resolve, reject) => {
      let connected = false;
      const { method, url, headers, timeoutMs } = request;
      const outgoing = http.request(url, { method, headers, agent, timeout: timeoutMs }, (incoming) => {
        collect(incoming).then(resolve, () => reject(new NoAnswer(true)));
      });
      outgoing.on("socket", (socket) => {
        if (!socket.connecting) connected = true;
        else socket.once(secure ? "secureConnect" : "connect", () => (connected = true));
      });
      outgoing.on("timeout", () => outgoing.destroy());
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        reject(new NoAnswer(connected, /CERT|TLS|SSL|SELF_SIGNED|ALTNAME/.test(error.code ?? "")));
      });
      outgoing.end(request.body);
    });
  };
}

async function collect(incoming: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_ANSWER) {
      incoming.destroy();
      throw new NoAnswer(true);
    }
    chunks.push(chunk);
  }
  const header = (name: string) => {
    const value = incoming.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  return { status: incoming.statusCode ?? 0, header, body: Buffer.concat(chunks) };
}
