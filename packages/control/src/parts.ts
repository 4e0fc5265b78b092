/** What every use case is made of. */
import type { Clock, FaultPoints, Random } from "@corral/base";
import type { Keyring } from "@corral/keyring";
import type { InstallRow, Store } from "@corral/storage";
import type { VersionProver } from "./feed-types.ts";
import type { Limits } from "./limits.ts";
import type { UnsupportedPolicy } from "./rules/binding-types.ts";
import type { Lanes } from "./state/lanes.ts";
import type { SharedState } from "./state/shared.ts";
import type { WorkerState } from "./state/workers.ts";
import type { TokenMac, Tokens } from "./tokens/tokens.ts";

export interface Policy {
  /** `bindings.unsupported` of the configuration. */
  readonly unsupportedBindings: UnsupportedPolicy;
  /** Whether a new Worker answers at `<worker>.<domain>` before anybody asked for it; Cloudflare's does not. */
  readonly routeNewWorkers: boolean;
}

export const defaultPolicy: Policy = { unsupportedBindings: "refuse", routeNewWorkers: false };

export interface Parts extends SharedState {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly clock: Clock;
  /** For tokens. */
  readonly random: Random;
  /** For ids, which are public: drawn many at once. */
  readonly ids: Random;
  readonly limits: Limits;
  readonly policy: Policy;
  readonly prover: VersionProver | undefined;
  readonly faults: FaultPoints;
  readonly install: InstallRow;
  readonly tokens: Tokens;
  readonly tokenMac: TokenMac;
  readonly auditMac: TokenMac;
  readonly lanes: Lanes<Tip>;
  /** Idempotency keys under way, by account and key. */
  readonly answering: Map<string, Promise<unknown>>;
}

/** Where a lane stands; `state` is undefined when the Worker was deleted. */
export interface Tip {
  readonly state: WorkerState | undefined;
}
