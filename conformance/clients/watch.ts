/**
 * A proxy on loopback between a client and Corral's API. It changes nothing and keeps every answer, so that a test can say
 * at its end that no client met a failure of the server, an operation that is not there, or a value.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Place, RunningCorral } from "@corral/testkit";

export interface PassedAnswer {
  readonly method: string;
  /** Below /client/v4, with the query. */
  readonly path: string;
  readonly status: number;
  readonly text: string;
}

export class Watch implements AsyncDisposable {
  readonly apiUrl: string;
  readonly token: string;
  readonly accountId: string;
  readonly answers: readonly PassedAnswer[];
  readonly #server: Server;

  constructor(server: Server, corral: RunningCorral, answers: readonly PassedAnswer[]) {
    const { port } = server.address() as AddressInfo;
    this.apiUrl = `http://127.0.0.1:${port}${new URL(corral.apiUrl).pathname}`;
    this.token = corral.token;
    this.accountId = corral.accountId;
    this.answers = answers;
    this.#server = server;
  }

  /** Answers that no client may get: a failure of the server, or no such route. One line each. */
  faults(): readonly string[] {
    return this.answers
      .filter(({ status, text }) => status >= 500 || /"code":\s*7003\b/.test(text))
      .map(({ method, path, status }) => `${method} ${path} answered ${status}`);
  }

  /** For the canary sweep. */
  places(): readonly Place[] {
    return [{ what: "answers that clients got", text: this.answers.map(({ text }) => text).join("\n") }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

export async function startWatch(corral: RunningCorral): Promise<Watch> {
  const answers: PassedAnswer[] = [];
  const server = createServer((incoming, outgoing) => pass(corral, answers, incoming, outgoing));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return new Watch(server, corral, answers);
}

function pass(corral: RunningCorral, answers: PassedAnswer[], incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method = "GET", url = "/", headers } = incoming;
  const onward = request(new URL(url, corral.apiUrl), { method, headers, agent: false }, (answer) => {
    const parts: Buffer[] = [];
    answer.on("data", (part: Buffer) => parts.push(part));
    answer.on("end", () => {
      const body = Buffer.concat(parts);
      const status = answer.statusCode ?? 0;
      const text = `${JSON.stringify(answer.headers)}\n${body.toString("utf8")}`;
      answers.push({ method, path: url.replace("/client/v4", ""), status, text });
      outgoing.writeHead(status, answer.headers).end(body);
    });
  });
  onward.on("error", () => outgoing.destroy());
  incoming.pipe(onward);
}
