/**
 * The feed between control plane and node agent: HTTP on a unix socket today, over mTLS between machines later.
 * Bytes travel as base64. It is the one wire on which keys travel; it never leaves the 0700 run directory.
 *
 *   GET  /feed/hello                          FeedHello
 *   GET  /feed/changes?after=SEQ              NDJSON stream of FeedChange; an empty line every 5 s keeps it alive.
 *                                             First it replays what changed after SEQ. A cursor is a hint.
 *   GET  /feed/heads                          FeedHead[]; the reconcile, and the truth
 *   GET  /feed/workers/:workerId              FeedWorker; 404 when deleted
 *   GET  /feed/workers/:workerId/versions/:idOrPrefix   FeedVersion; previews and service callees
 *   GET  /feed/modules/:sha256                bytes
 *   POST /feed/states                         FeedState; what this node did with a head
 *   POST /feed/logs                           FeedLog[]; redacted by the agent
 *   POST /feed/traces                         FeedTrace[]; invocations of Workers that somebody tails, redacted
 */
import type { AccountId, Head, JsonText, Uuid } from "@corral/base";

export interface FeedHello {
  readonly installId: Uuid;
  /** Default domains: `localhost` and `<subdomain>.workers.dev`. */
  readonly domains: readonly string[];
  readonly seq: number;
}

export interface FeedChange {
  readonly seq: number;
  readonly workerId: Uuid;
  /** null: deleted. */
  readonly epoch: number | null;
}

export interface FeedHead {
  readonly workerId: Uuid;
  readonly epoch: number;
  /** As in FeedWorker. */
  readonly tailed?: boolean;
}

export interface FeedRecord {
  readonly recordId: Uuid;
  readonly dataKeyId: Uuid;
  readonly type: "secret_text" | "secret_key";
  readonly sealed: string;
}

export interface FeedVersion {
  readonly versionId: Uuid;
  readonly manifest: string;
  readonly mac: string;
  readonly records: readonly FeedRecord[];
}

export interface FeedWorker {
  readonly head: Head;
  readonly headMac: string;
  readonly accountId: AccountId;
  /** Host label between Worker and domain; null for the first account. */
  readonly accountLabel: string | null;
  /** Further hostnames that the operator bound to this Worker. */
  readonly hostnames: readonly string[];
  /** Tail events are loaded: set by observability, a live tail, or `corral up`. */
  readonly logs: boolean;
  /** Somebody watches a live tail now: its invocations are sent as FeedTrace. Implies `logs`. */
  readonly tailed?: boolean;
  readonly keys: { readonly manifestKey: string; readonly dataKeys: readonly { readonly keyId: Uuid; readonly key: string }[] };
  /** Every version of the active deployment, also at 0 %. */
  readonly versions: readonly FeedVersion[];
}

export interface FeedState {
  readonly node: string;
  readonly workerId: Uuid;
  readonly epoch: number;
  readonly state: "converging" | "live" | "failed";
  /** Redacted by the agent; why the new routes did not come. */
  readonly reason?: string;
  readonly versionId?: Uuid;
}

export interface FeedLog {
  readonly workerId: Uuid;
  readonly workerName: string;
  readonly versionId: Uuid;
  readonly at: number;
  readonly level: string;
  readonly text: string;
}

/**
 * One invocation, for live tails (wire.md 10). Every text is redacted. What a Worker logs may be any JSON, so it travels
 * as JSON text: one part that a strict reader refuses does not cost the rest.
 */
export interface FeedTrace {
  readonly workerId: Uuid;
  readonly workerName: string;
  readonly versionId: Uuid;
  /** Milliseconds since 1970, as every `at`. */
  readonly at: number;
  /** workerd's word: `ok`, `exception`, `canceled`, … */
  readonly outcome: string;
  readonly entrypoint: string | null;
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Log lines were left out, because there were too many. */
  readonly truncated: boolean;
  readonly exceptions: readonly FeedTraceException[];
  readonly logs: readonly FeedTraceLog[];
  /** null: of a kind that has no details. */
  readonly event: FeedTraceEvent | null;
}

export interface FeedTraceException {
  readonly at: number;
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
}

export interface FeedTraceLog {
  readonly at: number;
  readonly level: string;
  /** The arguments of console.log. */
  readonly message: readonly JsonText[];
}

export type FeedTraceEvent =
  | {
      readonly kind: "request";
      readonly url: string;
      readonly method: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly cf: JsonText | null;
      /** Of the response; null when there was none. */
      readonly status: number | null;
    }
  | { readonly kind: "scheduled"; readonly cron: string; readonly at: number }
  | { readonly kind: "rpc"; readonly method: string };

/** Asked by the control plane on the agent's own socket before a version is accepted: `POST /agent/prove`. */
export interface ProveRequest {
  readonly accountId: AccountId;
  readonly workerId: Uuid;
  readonly keys: FeedWorker["keys"];
  readonly version: FeedVersion;
  /** Bytes of modules that are not stored yet, by SHA-256, base64. */
  readonly modules: Readonly<Record<string, string>>;
}

export type ProveAnswer =
  | {
      readonly ok: true;
      readonly startupTimeMs: number;
      readonly handlers: readonly string[];
      readonly namedHandlers: readonly { readonly name: string; readonly handlers: readonly string[] }[];
    }
  /** `reason` is redacted. "hung": the top level did not end in time. */
  | { readonly ok: false; readonly kind: "failed" | "hung"; readonly reason: string };
