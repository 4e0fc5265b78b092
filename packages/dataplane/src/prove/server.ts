/** `POST /agent/prove`: a candidate is loaded before the control plane accepts it. */
import { createHash } from "node:crypto";
import { CorralError, parseJson, type Uuid } from "@corral/base";
import type { ProveAnswer, ProveRequest } from "@corral/contract";
import { readBody, serveUnix, type UnixServer } from "../agent/code-server.ts";
import { type Installation, workerKeys } from "../agent/placed-worker.ts";
import { bytesOf, placeVersion } from "../loader/version.ts";
import { redactorFor } from "../logs/redactors.ts";
import type { Scratch } from "./scratch.ts";

export interface ProveServerOptions {
  readonly socket: string;
  readonly installation: () => Installation | undefined;
  readonly scratch: Scratch;
  readonly deadlineMs: number;
}

/** A version's modules may have 64 MiB, base64 a third more. */
const MAX_BODY_BYTES = 128 * 1024 * 1024;

export function serveProve(options: ProveServerOptions): Promise<UnixServer> {
  return serveUnix(options.socket, async (request, response) => {
    const installation = options.installation();
    if (request.method !== "POST" || request.url !== "/agent/prove") return void response.writeHead(404).end();
    const parsed = parseJson(await readBody(request, MAX_BODY_BYTES));
    if (installation === undefined || !parsed.ok) return void response.writeHead(503).end();
    const answer = await prove(installation.installId, parsed.value as unknown as ProveRequest, options);
    if (answer === undefined) return void response.writeHead(503).end();
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
}

/** undefined: this node cannot say. */
async function prove(
  installId: Uuid,
  { accountId, workerId, keys, version, modules }: ProveRequest,
  { scratch, deadlineMs }: ProveServerOptions,
): Promise<ProveAnswer | undefined> {
  const placed = placeVersion(accountId, workerId, version, workerKeys(installId, accountId, workerId, keys));
  const given = givenModules(modules);
  const answer = await scratch.load(placed, deadlineMs, given);
  if (answer.ok) {
    const { startupTimeMs, handlers, named } = answer;
    return { ok: true, startupTimeMs, handlers, namedHandlers: named };
  }
  if (answer.kind === "unavailable") return undefined;
  return { ok: false, kind: answer.kind, reason: redactorFor([placed]).strict(answer.reason) };
}

/** Throws CorralError "manifest.forged" for bytes that are not what their name says. */
function givenModules(modules: ProveRequest["modules"]): ReadonlyMap<string, Uint8Array> {
  const given = new Map<string, Uint8Array>();
  for (const [sha256, base64] of Object.entries(modules)) {
    const bytes = bytesOf(base64);
    if (createHash("sha256").update(bytes).digest("hex") !== sha256) throw new CorralError("manifest.forged");
    given.set(sha256, bytes);
  }
  return given;
}
