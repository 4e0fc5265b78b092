/**
 * Requests to one account of one server: credentials, envelope, retries.
 *
 * A retry never does a thing twice: reads and the wire's PUT, PATCH and DELETE of secrets end in the same state, and a
 * POST is sent again only if the server cannot have seen it or is a Corral, which keeps the answer of an Idempotency-Key.
 */
import type { JsonObject, JsonValue, Redacted } from "@corral/base";
import type { Io } from "../io/io.ts";
import { Failure } from "../output/errors.ts";
import type { Endpoint } from "./endpoint.ts";
import { AUTH_CODES, Refusal, safeMessage, type ServerError } from "./refusal.ts";
import { parseAnswer } from "./answer-json.ts";
import { freshUuid } from "./fresh-uuid.ts";
import { type HttpAnswer, NoAnswer, transport, type Transport } from "./transport.ts";

export interface ApiRequest {
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  /** Below the base, beginning with `/`; segments already encoded. */
  readonly path: string;
  /** Where the path begins: the account, the base URL, or the server's root. Default: the account. */
  readonly from?: "account" | "base" | "root";
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Instead of json. */
  readonly body?: { readonly bytes: Uint8Array; readonly contentType: string };
  readonly contentType?: string;
  readonly timeoutMs?: number;
}

export interface ApiAnswer {
  readonly result: JsonValue;
  readonly resultInfo: JsonObject | undefined;
  readonly requestId: string | undefined;
  /** How often the request was sent. */
  readonly attempts: number;
}

export const VERSION = "0.1.0";
const ATTEMPTS = 4;
const TIMEOUT_MS = 120_000;
const MAX_RETRY_AFTER_MS = 60_000;

export class HttpClient {
  readonly endpoint: Endpoint;
  readonly #io: Io;
  readonly #transport: Transport;
  /** Known for the Corral of this machine; elsewhere once one of its own routes has answered. */
  isCorral: boolean;
  /** Every value this process sent; no text from the server may quote one. */
  readonly sent: Redacted[] = [];

  constructor(endpoint: Endpoint, io: Io, exchange: Transport = transport) {
    this.endpoint = endpoint;
    this.#io = io;
    this.#transport = exchange;
    this.isCorral = endpoint.local;
  }

  /** Throws Refusal for what the server refused, Failure for everything else. */
  async request(request: ApiRequest): Promise<ApiAnswer> {
    const { answer, attempts } = await this.#exchange(request);
    return this.#open(answer, attempts);
  }

  /** As `request`, for an answer that is no envelope unless it is a refusal. */
  async download(request: ApiRequest): Promise<HttpAnswer> {
    const { answer, attempts } = await this.#exchange(request);
    if (answer.status !== 200) this.#open(answer, attempts);
    return answer;
  }

  async #exchange(request: ApiRequest): Promise<{ readonly answer: HttpAnswer; readonly attempts: number }> {
    const http = this.#render(request);
    for (let attempts = 1; ; attempts += 1) {
      let answer: HttpAnswer;
      try {
        answer = await this.#transport(http);
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        if (error.certificate) throw this.#untrusted();
        if (attempts >= ATTEMPTS || !this.#mayRepeat(request, error.sent)) throw this.#unreachable();
        await this.#io.sleep(pause(attempts));
        continue;
      }
      const seen = answer.status !== 429 && answer.status !== 503;
      if (attempts >= ATTEMPTS || !isTransient(answer.status) || !this.#mayRepeat(request, seen)) return { answer, attempts };
      await this.#io.sleep(retryAfter(answer.header("retry-after")) ?? pause(attempts));
    }
  }

  #render(request: ApiRequest) {
    const { baseUrl, accountId, credentials } = this.endpoint;
    const base = new URL(baseUrl);
    const prefix = base.pathname.replace(/\/$/, "");
    const start =
      request.from === "root" ? "" : request.from === "base" ? prefix : `${prefix}/accounts/${encodeURIComponent(accountId)}`;
    const url = new URL(`${start}${request.path}`, base);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
    const body = request.body?.bytes ?? (request.json === undefined ? undefined : JSON.stringify(request.json));
    const headers: Record<string, string> = { "user-agent": `corral/${VERSION}`, accept: "application/json", ...credentials() };
    if (body !== undefined) {
      headers["content-type"] = request.body?.contentType ?? request.contentType ?? "application/json";
      headers["content-length"] = String(Buffer.byteLength(body));
    }
    if (request.method !== "GET") {
      headers["content-length"] ??= "0";
      headers["idempotency-key"] = freshUuid();
    }
    return { method: request.method, url, headers, body, timeoutMs: request.timeoutMs ?? TIMEOUT_MS };
  }

  #mayRepeat(request: ApiRequest, seen: boolean): boolean {
    return request.method !== "POST" || !seen || this.isCorral;
  }

  #open(answer: HttpAnswer, attempts: number): ApiAnswer {
    const requestId = cleanId(answer.header("cf-ray") ?? answer.header("x-request-id"));
    const common = { requestId, attempts };
    if ((answer.status === 204 || answer.status === 205) && answer.body.length === 0)
      return { result: null, resultInfo: undefined, ...common };
    const envelope = asObject(parseAnswer(answer.body));
    if (envelope === undefined || typeof envelope["success"] !== "boolean") throw this.#malformed(answer.status, requestId);
    if (!envelope["success"]) {
      const refusal = new Refusal(answer.status, readErrors(envelope["errors"], this.sent), requestId, attempts);
      throw refusal.is(...AUTH_CODES) || answer.status === 401 ? tokenRefused(refusal) : refusal;
    }
    return { result: envelope["result"] ?? null, resultInfo: asObject(envelope["result_info"] ?? null), ...common };
  }

  #unreachable(): Failure {
    const hints = ["Start Corral (./corral up), or name another server with CLOUDFLARE_API_BASE_URL."];
    return new Failure(`No answer from ${this.endpoint.shownUrl}.`, { hints });
  }

  #untrusted(): Failure {
    return new Failure(`The certificate of ${this.endpoint.shownUrl} is not trusted.`, {
      hints: ["NODE_EXTRA_CA_CERTS names a file with the certificate of your own authority."],
    });
  }

  #malformed(status: number, requestId: string | undefined): Failure {
    return new Failure(`The answer from ${this.endpoint.shownUrl} is not one of Cloudflare's API (status ${status}).`, {
      hints: ["CLOUDFLARE_API_BASE_URL ends in /client/v4."],
      requestId,
    });
  }
}

export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

function readErrors(errors: JsonValue | undefined, sent: readonly Redacted[]): ServerError[] {
  if (!Array.isArray(errors)) return [];
  return (errors as readonly JsonValue[]).map((one) => {
    const { code: number, message } = asObject(one) ?? {};
    const code = typeof number === "number" ? number : 0;
    return { code, message: safeMessage(code, typeof message === "string" ? message : "", sent) };
  });
}

function tokenRefused(refusal: Refusal): Failure {
  // Corral names the scope; other servers do not.
  const scope = /\b(secrets:write|secrets:list|workers:deploy|workers:read|workers:tail|admin)\b/.exec(
    refusal.errors[0]?.message ?? "",
  )?.[1];
  const hints =
    scope === undefined ? ["Check CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID."] : [`The token lacks the scope ${scope}.`];
  return new Failure("The API token was refused.", { hints, code: refusal.code, requestId: refusal.requestId });
}

/** A request id is short and plain; anything else is not repeated. */
function cleanId(id: string | undefined): string | undefined {
  return id !== undefined && /^[\w.-]{1,80}$/.test(id) ? id : undefined;
}

function isTransient(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

function pause(attempt: number): number {
  return 100 * 2 ** (attempt - 1) + Math.random() * 50;
}

function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : undefined;
}
