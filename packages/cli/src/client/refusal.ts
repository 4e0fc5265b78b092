/**
 * The server said no. Commands branch on the code; what nobody branches on is printed.
 *
 * The server's own words are not trusted to be free of what was sent to it: for the codes of wire.md section 7 the text
 * is ours, and any other text is shown only if no part of a value that this process sent is in it.
 */
import type { Redacted } from "@corral/base";

export interface ServerError {
  readonly code: number;
  /** Clean of what this process sent, and of control characters: `safeMessage`. */
  readonly message: string;
}

export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly errors: readonly ServerError[];
  readonly requestId: string | undefined;
  /** How often the request was sent; more than once means that an earlier answer was lost. */
  readonly attempts: number;
  constructor(status: number, errors: readonly ServerError[], requestId: string | undefined, attempts = 1) {
    super(errors[0]?.message ?? "The server refused the request and did not say why.");
    this.status = status;
    this.errors = errors;
    this.requestId = requestId;
    this.attempts = attempts;
  }

  get code(): number {
    return this.errors[0]?.code ?? 0;
  }

  is(...codes: readonly number[]): boolean {
    return codes.includes(this.code);
  }
}

/** 10007 under scripts, 10090 under services; other releases of the API answer either. */
export const WORKER_ABSENT = [10007, 10090] as const;
export const SECRET_ABSENT = 10056;
export const NAME_TAKEN = 10053;
export const VERSION_NOT_DEPLOYED = [10215, 10214] as const;
export const SECRETS_CHANGED = 10220;
export const NO_VERSIONS = 10222;
export const INHERIT_INVALID = 10057;
export const VALUE_TOO_LARGE = 10054;
export const AUTH_CODES = [1000, 6003, 6111, 9106, 9109, 10000] as const;

const fixed: ReadonlyMap<number, string> = new Map([
  [7003, "The server does not know this route."],
  [10001, "The server found the request invalid."],
  [10007, "This Worker does not exist on your account."],
  [10013, "The server met an unknown error."],
  [10016, "The Worker name is invalid: 1 to 63 of a-z, 0-9, _ and -, and not a dash at either end."],
  [10026, "The server could not parse the request."],
  [10027, "The upload is too large."],
  [10035, "Several attempts to modify this Worker at the same time. Please try again."],
  [10052, "A binding name must have 1 to 255 printable characters."],
  [10053, "A binding name is already in use."],
  [10055, "Too many bindings on one Worker."],
  [10056, "There is no such secret."],
  [10090, "This Worker does not exist on your account."],
  [10222, "This Worker has no versions yet."],
  [100146, "This version does not exist on this Worker."],
  [100160, "Too many secrets in one request."],
]);

/** What may be printed of a server's error: fixed words, or the server's if they are clean. */
export function safeMessage(code: number, message: string, sent: readonly Redacted[]): string {
  const known = fixed.get(code);
  if (known !== undefined) return known;
  const text = message
    // oxlint-disable-next-line no-control-regex -- these move a terminal's cursor
    .replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, " ")
    .slice(0, 2000)
    .trim();
  if (text === "" || quotes(text, sent)) return "The server refused the request.";
  return text;
}

const WINDOW = 6;

/** Whether a window of 6 bytes of a value, or a whole shorter one, stands in the text. */
function quotes(text: string, values: readonly Redacted[]): boolean {
  return values.some((value) => {
    const secret = value.reveal();
    if (secret.length <= WINDOW) return secret !== "" && text.includes(secret);
    for (let at = 0; at + WINDOW <= secret.length; at += 1) if (text.includes(secret.slice(at, at + WINDOW))) return true;
    return false;
  });
}
