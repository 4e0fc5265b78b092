/** For tests: the API over the real use cases, a real SQLite file and a real keyring; no port. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AccountId, type Clock, newUuid, parseJson, systemRandom } from "@corral/base";
import {
  type Control,
  type ControlOptions,
  createControl,
  createFeedSource,
  createSharedState,
  type FeedSource,
  initInstall,
  type Tails,
} from "@corral/control";
import { createKeyring, createMemoryKek } from "@corral/keyring";
import { openSqliteStore } from "@corral/storage";
import type { Hono } from "hono";
import { createApi } from "./app.ts";
import type { ApiFailure, ApiOptions } from "./options.ts";

export interface World {
  readonly app: Hono;
  readonly control: Control;
  readonly feed: FeedSource;
  readonly tails: Tails;
  readonly accountId: AccountId;
  readonly token: string;
  readonly log: ApiFailure[];
  /** The data directory, for sweeps. */
  readonly directory: string;
  /** With the token; `path` is below /client/v4 and `A` in it stands for the account's path. */
  call(method: string, path: string, init?: CallInit): Promise<Answer>;
  close(): Promise<void>;
}

export interface CallInit {
  /** Sent as JSON with a JSON content type. */
  readonly json?: unknown;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly bytes: Uint8Array;
  /** `result` of the envelope. */
  readonly result: Json;
  readonly code: number | undefined;
  readonly message: string | undefined;
  readonly body: Json;
}

/** What a test reads out of an answer; it fails where something is missing. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers whose shape is what they test
export type Json = any;

/** Moves with each look, so that times differ. */
class MovingClock implements Clock {
  #now = Date.parse("2026-11-25T10:00:00Z");
  now(): number {
    this.#now += 1000;
    return this.#now;
  }
  monotonic(): number {
    return this.#now;
  }
}

export async function openWorld(
  options: Partial<Pick<ControlOptions, "limits" | "policy" | "prover">> &
    Partial<Pick<ApiOptions, "health">> & { readonly bodies?: ApiOptions["limits"] } = {},
): Promise<World> {
  const { health, bodies, ...controlOptions } = options;
  const directory = mkdtempSync(join(tmpdir(), "corral-api-"));
  const clock = new MovingClock();
  const random = systemRandom;
  const store = openSqliteStore({ path: join(directory, "corral.db") });
  const { keyring, sealed } = await createKeyring({ installId: newUuid(random), keks: [createMemoryKek(random)], random });
  const first = await initInstall({ store, keyring, sealed, clock, random, accountName: "Test", tokenName: "first" });
  const shared = createSharedState(store, keyring);
  const control = await createControl({ store, keyring, clock, random, shared, ...controlOptions });
  const log: ApiFailure[] = [];
  const app = createApi({
    control,
    clock,
    random,
    log: (failure) => log.push(failure),
    ...(health !== undefined && { health }),
    ...(bodies !== undefined && { limits: bodies }),
  });
  const { accountId } = first.account;
  const token = first.token.reveal();
  return {
    app,
    control,
    feed: createFeedSource({ store, keyring, shared }),
    tails: shared.tails,
    accountId,
    token,
    log,
    directory,
    call: (method, path, init) => call(app, method, clientPath(path, accountId), { authorization: `Bearer ${token}` }, init),
    async close() {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
}

function clientPath(path: string, accountId: AccountId): string {
  if (path.startsWith("/corral/")) return path;
  return `/client/v4${path.replace(/^A(?=\/|$|\?)/, `/accounts/${accountId}`)}`;
}

export async function call(
  app: Hono,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  init: CallInit = {},
): Promise<Answer> {
  const json = init.json === undefined ? undefined : JSON.stringify(init.json);
  const body = json ?? init.body;
  const response = await app.request(path, {
    method,
    headers: { ...headers, ...(json !== undefined && { "content-type": "application/json" }), ...init.headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : Uint8Array.from(body) }),
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = Buffer.from(bytes).toString();
  const parsed = response.headers.get("content-type")?.startsWith("application/json") === true ? parseJson(text) : undefined;
  const envelope: Json = parsed?.ok === true ? parsed.value : undefined;
  return {
    status: response.status,
    headers: response.headers,
    text,
    bytes,
    result: envelope?.result,
    code: envelope?.errors?.[0]?.code,
    message: envelope?.errors?.[0]?.message,
    body: envelope,
  };
}

export interface FormPart {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly filename?: string;
  readonly type?: string;
}

/** A body as wrangler writes it, unless told otherwise. */
export function form(
  parts: readonly FormPart[],
  options: { readonly boundary?: string; readonly newline?: string } = {},
): CallInit {
  const { boundary = "----formdata-undici-0123456789", newline = "\r\n" } = options;
  const pieces: Buffer[] = [];
  for (const { name, content, filename, type } of parts) {
    const file = filename === undefined ? "" : `; filename="${filename}"`;
    const contentType = type === undefined ? "" : `${newline}Content-Type: ${type}`;
    pieces.push(
      Buffer.from(
        `--${boundary}${newline}Content-Disposition: form-data; name="${name}"${file}${contentType}${newline}${newline}`,
      ),
    );
    pieces.push(Buffer.from(content), Buffer.from(newline));
  }
  pieces.push(Buffer.from(`--${boundary}--${newline}`));
  return { body: Buffer.concat(pieces), headers: { "content-type": `multipart/form-data; boundary=${boundary}` } };
}

export const CODE = "export default { fetch() { return new Response('ok') } }";

/** What wrangler sends for a small Worker. */
export function upload(metadata: Readonly<Record<string, unknown>> = {}, code = CODE): CallInit {
  const all = { main_module: "index.js", compatibility_date: "2026-01-01", bindings: [], ...metadata };
  return form([
    { name: "metadata", content: JSON.stringify(all) },
    { name: "index.js", filename: "index.js", type: "application/javascript+module", content: code },
  ]);
}
