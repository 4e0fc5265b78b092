import type { Clock, Random } from "@corral/base";
import type { BodyLimits } from "@corral/contract";
import type { Control } from "@corral/control";

/** What the operator's log gets of a request that failed unexpectedly: names and codes, never a message. */
export interface ApiFailure {
  readonly requestId: string;
  /** The operation's id in the route table. */
  readonly operation: string;
  /** Class of the error, e.g. "TypeError". */
  readonly errorName: string;
  /** `code` of the error, when it is a short word. */
  readonly errorCode: string | undefined;
  /** Function names and places in our own source. */
  readonly frames: readonly string[];
}

export interface ApiOptions {
  readonly control: Control;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (failure: ApiFailure) => void;
  readonly limits?: Partial<BodyLimits>;
  /** GET /corral/v1/health answers 503 with these words unless it resolves to "ok". */
  readonly health?: () => Promise<HealthState>;
}

export type HealthState = "ok" | "starting" | "stopping";
