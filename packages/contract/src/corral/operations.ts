/**
 * Our own operations (/corral/v1) as data: what they take, what they answer, and an example that a test runs. The OpenAPI
 * document and the page to read are made of this.
 */
import { z } from "zod";
import { SCOPES } from "../bodies/token.ts";
import type { CorralRouteId } from "../routes.ts";

export interface CorralOperation {
  /** More than the summary of the route table. */
  readonly description: string;
  /** No token is asked for. */
  readonly open?: true;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: z.ZodType;
  /** The envelope's `result`. */
  readonly result: z.ZodType;
  /** Below /corral/v1; a Worker called `hello` with a secret `API_KEY` is taken for granted. */
  readonly example: { readonly path: string; readonly body?: unknown };
}

const time = z.string().describe("ISO 8601 with microseconds");
const uuid = z.string().describe("uuid");

const token = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  created_on: time,
  expires_on: time.nullable(),
});

const paging = { page: "counts from 1", per_page: "at most 1000" };

export const corralOperations: Readonly<Record<CorralRouteId, CorralOperation>> = {
  "corral.health": {
    description: "For supervisors and load balancers. 503 while it starts or stops.",
    open: true,
    result: z.object({ status: z.enum(["ok", "starting", "stopping"]) }),
    example: { path: "/health" },
  },
  "corral.openapi": {
    description: "The document you are reading, for programs.",
    open: true,
    result: z.never(),
    example: { path: "/openapi.json" },
  },
  "corral.docs": {
    description: "This page.",
    open: true,
    result: z.never(),
    example: { path: "/docs" },
  },
  "corral.state": {
    description:
      "What each node last said of a Worker. With wait_epoch it answers when every node has settled that epoch, or when the time is up; ask right after a change with wait_epoch=latest.",
    query: {
      wait_epoch: "an epoch, or latest",
      timeout_ms: "how long to wait at most; 10000 unless given, 60000 at most",
    },
    result: z.object({
      worker: z.string(),
      epoch: z.int().describe("grows with every change of the Worker"),
      deployment_id: uuid.nullable(),
      settled: z.boolean().describe("there is a node, and none of them is on its way"),
      nodes: z.array(
        z.object({
          node: z.string(),
          epoch: z.int(),
          state: z.enum(["converging", "live", "failed"]),
          reason: z.string().nullable().describe("redacted; why the new version does not start"),
        }),
      ),
    }),
    example: { path: "/workers/hello/state?wait_epoch=latest&timeout_ms=1" },
  },
  "corral.secrets.destroy": {
    description:
      "Erases every value the secret had that neither the newest version nor one of the active deployment has, with the versions that need one of them.",
    query: { dry_run: "tells which versions would die, and changes nothing, unless it is false" },
    result: z.object({ versions: z.array(uuid).describe("newest first"), dry_run: z.boolean() }),
    example: { path: "/workers/hello/secrets/API_KEY/destroy?dry_run=true" },
  },
  "corral.audit": {
    description: "Newest first. Names and ids only; no body, no header, no value.",
    query: paging,
    result: z.array(
      z.object({
        seq: z.int(),
        at: time,
        actor: z.string().describe("a token's id"),
        action: z.string(),
        worker_id: uuid.nullable(),
        worker: z.string().nullable(),
        subject: z.string().nullable().describe("the secret's name, or what else the action was about"),
        version_id: uuid.nullable(),
        deployment_id: uuid.nullable(),
        request_id: z.string().nullable().describe("the cf-ray of the answer"),
      }),
    ),
    example: { path: "/audit?per_page=10" },
  },
  "corral.tokens.list": {
    description: "Without the tokens themselves: they are shown once, when they are made.",
    result: z.array(token),
    example: { path: "/tokens" },
  },
  "corral.tokens.create": {
    description: "The answer is the only place where the token is ever shown. No Idempotency-Key is taken here.",
    body: z.object({
      name: z.string(),
      scopes: z.array(z.enum(SCOPES)),
      expires_on: z.string().nullish().describe("ISO 8601; without it the token does not end by itself"),
    }),
    result: token.extend({ token: z.string() }),
    example: { path: "/tokens", body: { name: "ci", scopes: ["workers:deploy", "secrets:write"] } },
  },
  "corral.tokens.revoke": {
    description: "It ends at once.",
    result: z.null(),
    example: { path: "/tokens/{token_id}" },
  },
};
