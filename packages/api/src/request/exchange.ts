/**
 * One request as a route sees it: who asks, its parameters, its body, and the ways to answer. Routes hold no HTTP
 * beyond this; the rules of the business are control's.
 */
import { CorralError, type JsonValue } from "@corral/base";
import { type PageRequest, parsePaging, type ResultInfo, success } from "@corral/contract";
import { AlreadyAnswered, type Caller, type Control } from "@corral/control";
import type { Context } from "hono";
import type { ApiOptions } from "../options.ts";
import { parseJsonBody, readBody } from "./body.ts";
import { respond } from "./respond.ts";

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

export class Exchange {
  readonly control: Control;
  readonly options: ApiOptions;
  readonly caller: Caller;
  readonly #context: Context;
  readonly #limit: number;
  #bytes: Promise<Uint8Array> | undefined;

  constructor(context: Context, caller: Caller, options: ApiOptions, limit: number) {
    this.control = options.control;
    this.options = options;
    this.caller = caller;
    this.#context = context;
    this.#limit = limit;
  }

  get path(): string {
    return this.#context.req.path;
  }

  /** A path segment, percent-decoded. */
  param(name: string): string {
    return this.#context.req.param(name) ?? "";
  }

  query(name: string): string | undefined {
    return this.#context.req.query(name);
  }

  /** `?force=true`; `?force` and `?force=1` count too. */
  flag(name: string): boolean {
    const value = this.query(name);
    return value === "true" || value === "1" || value === "";
  }

  header(name: string): string | undefined {
    return this.#context.req.header(name);
  }

  paging(usual: number, most = 1000): PageRequest {
    return parsePaging((name) => this.query(name) ?? this.query(name.replace("_p", "P")), { usual, most });
  }

  bytes(): Promise<Uint8Array> {
    this.#bytes ??= readBody(this.#context.req.raw, this.#limit);
    return this.#bytes;
  }

  /** The body as JSON; undefined when there is none. */
  async json(): Promise<JsonValue | undefined> {
    return parseJsonBody(await this.bytes());
  }

  answer(result: unknown, info?: ResultInfo): Response {
    return respond(this.caller.requestId, 200, JSON.stringify(success(result, info)));
  }

  raw(body: Uint8Array<ArrayBuffer> | null, headers: Readonly<Record<string, string>>, status = 200): Response {
    return respond(this.caller.requestId, status, body, headers);
  }

  /**
   * A mutation. With an `Idempotency-Key` its answer is stored in its own commit, and a repetition gets that answer.
   * `render` must not throw and must not wait.
   */
  async change<T>(useCase: (caller: Caller) => Promise<T>, render: (result: T) => unknown): Promise<Response> {
    const key = this.header("idempotency-key");
    if (key === undefined) return this.answer(render(await useCase(this.caller)));
    const caller = await this.#idempotent(key, render as (result: unknown) => unknown);
    const earlier = await this.control.idempotency.find(caller);
    if (earlier !== undefined) return respond(caller.requestId, earlier.status, earlier.body);
    try {
      return this.answer(render(await useCase(caller)));
    } catch (error) {
      if (error instanceof AlreadyAnswered) return respond(caller.requestId, error.answer.status, error.answer.body);
      throw error;
    }
  }

  async #idempotent(key: string, render: (result: unknown) => unknown): Promise<Caller> {
    if (!IDEMPOTENCY_KEY.test(key)) throw new CorralError("idempotency.malformed");
    const url = new URL(this.#context.req.url);
    const digest = this.control.idempotency.digest(this.#context.req.method, url.pathname + url.search, await this.bytes());
    const answer = (result: unknown) => ({ status: 200, body: JSON.stringify(success(render(result))) });
    return { ...this.caller, idempotency: { key, digest, answer } };
  }
}

export type Handler = (exchange: Exchange) => Promise<Response>;
