/**
 * The one place where an error becomes an answer. A CorralError is safe by construction; anything else is "internal"
 * with the request's id, and the operator's log gets its name, code and frames, never its message (security.md 3).
 */
import { CorralError } from "@corral/base";
import { failure } from "@corral/contract";
import type { ApiFailure } from "./options.ts";
import { respond } from "./request/respond.ts";

export function toCorralError(error: unknown): CorralError {
  return error instanceof CorralError ? error : new CorralError("internal", { cause: error });
}

/** `log` is told of every 5xx but the ones that only say "try again". */
export function errorResponse(
  error: unknown,
  request: { readonly requestId: string; readonly operation: string },
  log: (failure: ApiFailure) => void,
): Response {
  const known = toCorralError(error);
  const { status } = known.entry;
  if (status >= 500 && status !== 503) log(describe(error, request));
  const body = failure(known, status >= 500 ? { request_id: request.requestId } : undefined);
  return respond(request.requestId, status, JSON.stringify(body), retryHeaders(status));
}

/**
 * The SDKs repeat 408, 409, 429 and 5xx up to ten times (other-clients.md 2.3). What will not change is marked so;
 * what may change soon says when to come back.
 */
function retryHeaders(status: number): Readonly<Record<string, string>> {
  if (status === 503) return { "retry-after": "1" };
  if (status === 413) return { "x-should-retry": "false", connection: "close" };
  return { "x-should-retry": "false" };
}

const SHORT_WORD = /^[\w.-]{1,60}$/;
const FRAME = /^ +at (?:[\w.#<>[\] ]+ \()?(?:file:\/\/)?[\w./@+-]+:\d+:\d+\)?$/;

function describe(error: unknown, request: { readonly requestId: string; readonly operation: string }): ApiFailure {
  const details = error instanceof Error ? error : new Error("not an error");
  const cause = details.cause instanceof Error && error instanceof CorralError ? details.cause : details;
  const code: unknown = error instanceof CorralError ? error.code : (cause as { readonly code?: unknown }).code;
  return {
    ...request,
    errorName: SHORT_WORD.test(cause.name) ? cause.name : "Error",
    errorCode: typeof code === "string" && SHORT_WORD.test(code) ? code : undefined,
    frames: (cause.stack ?? "")
      .split("\n")
      .filter((line) => FRAME.test(line))
      .slice(0, 8)
      .map((line) => line.trim()),
  };
}
