/**
 * What agent and router say to each other: JSON over two unix sockets, one of each process (`ctl`, the agent asks) and
 * one of the agent (`code`, the router asks). Routes are pushed, code and env come with a load or are pulled when a
 * request needs them; no value is ever in a route, and the router keeps none.
 *
 *   ctl   POST /routes      RoutesPush → RoutesAck
 *         POST /warm        WarmRequest → WarmAnswer; loads an isolate without a request, and may route to it
 *         POST /evict       EvictRequest; running requests end on the old isolate
 *         GET  /ping        RoutesAck
 *         GET  /logs        LogsAnswer; waits until there is something
 *         GET  /lifeline    a stream without end; when its reader is gone, the process ends itself
 *         POST /release     ends lifeline and logs, so that SIGTERM drains
 *   code  GET  /code/ID     LoadAnswer
 *         POST /resolve     `{host}` → ResolveAnswer, or 404; preview hosts
 */
import type { FeedTrace } from "@corral/contract";

/** One version's isolate. Its id never stands for other content (design.md 8). */
export interface RoutedIsolate {
  readonly versionId: string;
  readonly isolate: string;
}

/** A Worker's whole routing. `isolates` newest version first; `thresholds[i]` is the sum of the shares up to `i`. */
export interface Route {
  readonly workerId: string;
  readonly accountId: string;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly isolates: readonly RoutedIsolate[];
  readonly thresholds: readonly number[];
  /** It hung shared processes: its requests are answered by a page. */
  readonly held?: boolean;
  /** Somebody watches: its events carry the whole trace. */
  readonly tailed?: boolean;
}

export interface RoutesPush {
  readonly revision: number;
  /** The table holds these Workers and no other. */
  readonly whole: boolean;
  readonly routes: readonly Route[];
  readonly removed: readonly string[];
  /** Not empty: each dispatch is named on the console, after this word (supervisor/suspects.ts). */
  readonly marker?: string;
}

export interface RoutesAck {
  readonly revision: number;
  /** Requests that this process has dispatched since its start. */
  readonly served: number;
}

export interface WarmRequest {
  readonly isolate: string;
  /** What `/code` would answer: a way to and fro less. */
  readonly code?: LoadAnswer;
  /** Taken as soon as the isolate is there; the push that has it in a revision follows. */
  readonly route?: Route;
}

export interface EntrypointHandlers {
  readonly name: string;
  readonly handlers: readonly string[];
}

/** "failed": the Worker's own fault, the same each time. "unavailable": its code could not be had. */
export type WarmAnswer =
  | { readonly ok: true; readonly handlers: readonly string[]; readonly named: readonly EntrypointHandlers[] }
  | { readonly ok: false; readonly kind: "failed" | "unavailable"; readonly message: string };

export interface EvictRequest {
  readonly isolates: readonly string[];
}

/** Bytes are base64. */
export type LoadModule =
  | { readonly js: string }
  | { readonly cjs: string }
  | { readonly text: string }
  | { readonly json: string }
  | { readonly data: string }
  | { readonly wasm: string };

export interface ServiceTarget {
  readonly accountId: string;
  readonly service: string;
  readonly entrypoint: string | null;
}

/** All that makes an isolate. `env` and `keys` hold values: this answer exists between agent and isolate only. */
export interface LoadAnswer {
  readonly workerId: string;
  readonly versionId: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly mainModule: string;
  readonly modules: Readonly<Record<string, LoadModule>>;
  readonly env: Readonly<Record<string, unknown>>;
  /** Key material by binding name, base64; becomes bytes in `env`, and a CryptoKey in the isolate. */
  readonly keys: Readonly<Record<string, string>>;
  readonly services: Readonly<Record<string, ServiceTarget>>;
  /** Tail events are collected. */
  readonly logs: boolean;
}

export interface ResolveAnswer extends RoutedIsolate {
  readonly workerId: string;
}

/** Attributes a tail event: workerd's own fields say nothing of the Worker (dataplane.md 6). */
export interface TailProps {
  readonly workerId: string;
  readonly versionId: string;
}

export interface TailLine {
  readonly at: number;
  readonly level: string;
  /** What was given to console.log, each as text. */
  readonly parts: readonly string[];
}

/** Lines that a Worker printed or threw, or a failure that the router met. */
export interface RouterEvent extends TailProps {
  readonly lines: readonly TailLine[];
  readonly trace?: RouterTrace;
}

/** An invocation as workerd tells it, nothing redacted. Ready to be sent once it is (contract's FeedTrace). */
export type RouterTrace = Omit<FeedTrace, "workerId" | "workerName" | "versionId">;

export interface LogsAnswer {
  readonly events: readonly RouterEvent[];
  /** Events that found no room since the last answer. */
  readonly dropped: number;
  /** The agent said that it will not ask again. */
  readonly released: boolean;
}
