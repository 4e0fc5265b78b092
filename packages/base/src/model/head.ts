import type { AccountId, Uuid } from "../ids.ts";

/** One version's part of the traffic, in per cent with at most three decimals; 0 is reachable by override only. */
export interface Share {
  readonly versionId: Uuid;
  readonly percentage: number;
}

/**
 * What moves a Worker's traffic. Changes with every mutation; `epoch` only grows.
 * Authenticated as a whole under the Worker's manifest key: whoever can write the database can neither
 * rename a Worker nor move its traffic unnoticed.
 */
export interface Head {
  readonly workerId: Uuid;
  readonly accountId: AccountId;
  /** The Worker's name, `script_name` on the wire. */
  readonly name: string;
  readonly epoch: number;
  /** The last uploaded version, deployed or not. */
  readonly newestVersionId: Uuid | null;
  readonly newestNumber: number;
  /** The active deployment; null for a Worker without one. */
  readonly deploymentId: Uuid | null;
  readonly shares: readonly Share[];
  /** `<worker>.<domain>` answers. */
  readonly routed: boolean;
  /** `<first 8 of version>-<worker>.<domain>` answers. */
  readonly previews: boolean;
}

/** A Worker's settings that are not versioned. */
export interface ScriptSettings {
  readonly tags: readonly string[] | null;
  readonly logpush: boolean;
  /** JSON text as the client sent it, re-serialised; null when never set. */
  readonly observability: string | null;
  readonly tailConsumers: string | null;
  readonly schedules: readonly { readonly cron: string; readonly createdOn: string; readonly modifiedOn: string }[];
}
