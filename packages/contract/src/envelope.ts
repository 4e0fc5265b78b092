/**
 * Cloudflare's envelope (wire.md 2). wrangler decides on `success`, the SDK on the HTTP status; both read `errors`.
 * A failure is rendered from the catalogue alone, so nothing foreign can stand in it.
 */
import type { CorralError } from "@corral/base";

export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly error_chain?: readonly WireError[];
  readonly meta?: Readonly<Record<string, string>>;
}

/** `result_info` of a paged answer. */
export interface ResultInfo {
  readonly page: number;
  readonly per_page: number;
  readonly count: number;
  readonly total_count: number;
  readonly total_pages: number;
}

export interface SuccessEnvelope<T> {
  readonly result: T;
  readonly success: true;
  readonly errors: readonly [];
  readonly messages: readonly [];
  readonly result_info?: ResultInfo;
}

export interface FailureEnvelope {
  readonly result: null;
  readonly success: false;
  readonly errors: readonly [WireError, ...WireError[]];
  readonly messages: readonly [];
}

export function success<T>(result: T, resultInfo?: ResultInfo): SuccessEnvelope<T> {
  const envelope = { result, success: true, errors: [], messages: [] } as const;
  return resultInfo === undefined ? envelope : { ...envelope, result_info: resultInfo };
}

/** `meta` goes with the first error; only words and ids of ours belong there. */
export function failure(error: CorralError, meta?: Readonly<Record<string, string>>): FailureEnvelope {
  const first = meta === undefined ? wireError(error) : { ...wireError(error), meta };
  return { result: null, success: false, errors: [first, ...error.also.map(wireError)], messages: [] };
}

function wireError(error: CorralError): WireError {
  const plain = { code: error.entry.cloudflareCode, message: error.message };
  return error.chain.length === 0 ? plain : { ...plain, error_chain: error.chain.map(wireError) };
}
