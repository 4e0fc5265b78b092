/** How a command ends when it does not succeed. Exit codes: docs of `corral help`, tested in output/errors.test.ts. */
export const exitCodes = { done: 0, failed: 1, usage: 2, declined: 3, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface FailureDetails {
  readonly exitCode?: ExitCode;
  /** Lines below the error, indented by two: places in a file. */
  readonly places?: readonly string[];
  readonly hints?: readonly string[];
  /** The server's number, if it was the server that refused. */
  readonly code?: number;
  readonly requestId?: string | undefined;
}

/** A failure that is told to the user. The message is our own text; what it names, the user named. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: ExitCode;
  readonly places: readonly string[];
  readonly hints: readonly string[];
  readonly code: number | undefined;
  readonly requestId: string | undefined;
  constructor(message: string, details: FailureDetails = {}) {
    super(message);
    this.exitCode = details.exitCode ?? exitCodes.failed;
    this.places = details.places ?? [];
    this.hints = details.hints ?? [];
    this.code = details.code;
    this.requestId = details.requestId;
  }
}

/** The command was called the wrong way: exit code 2. */
export function usage(message: string, ...hints: string[]): Failure {
  return new Failure(message, { exitCode: exitCodes.usage, hints });
}

/** The user said no; the text is a statement, not an error: exit code 3. */
export class Declined extends Error {
  override readonly name = "Declined";
}

/** Ctrl-C: exit code 130. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}
