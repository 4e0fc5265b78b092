import { type ErrorCode, type ErrorEntry, errorCatalogue } from "./error-catalogue.ts";
import type { SafeParam } from "./safe-text.ts";

export interface ErrorDetails {
  /** Fills the `{name}` places of the catalogue's text. */
  readonly params?: Readonly<Record<string, SafeParam>>;
  /** Further failures of the same request, reported beside this one (10057 has one per name). */
  readonly also?: readonly CorralError[];
  /** Printed beneath it on the wire, as `error_chain`. */
  readonly chain?: readonly CorralError[];
  /** For the operator's log only; never crosses an edge. */
  readonly cause?: unknown;
}

/** A failure that a caller may meet. Its message is safe by construction: fixed text and allow-listed parameters. */
export class CorralError extends Error {
  override readonly name = "CorralError";
  readonly code: ErrorCode;
  readonly params: Readonly<Record<string, SafeParam>>;
  readonly also: readonly CorralError[];
  readonly chain: readonly CorralError[];

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const params = details.params ?? {};
    super(fill(errorCatalogue[code].message, params), "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.params = params;
    this.also = details.also ?? [];
    this.chain = details.chain ?? [];
  }

  get entry(): ErrorEntry {
    return errorCatalogue[this.code];
  }
}

/** A place without its parameter stays as it is written: Cloudflare's own texts hold braces. */
function fill(template: string, params: Readonly<Record<string, SafeParam>>): string {
  return template.replace(/\{(\w+)\}/g, (place, key: string) => (Object.hasOwn(params, key) ? String(params[key]) : place));
}

export function isCorralError(error: unknown, code?: ErrorCode): error is CorralError {
  return error instanceof CorralError && (code === undefined || error.code === code);
}
