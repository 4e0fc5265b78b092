/** The code of a Worker that was made to hold secrets, until somebody deploys something. */
import { hash } from "node:crypto";
import { type Manifest, utf8 } from "@corral/base";
import type { ModuleRow, VersionInfo } from "@corral/storage";
import { authorEmail } from "./authorise.ts";
import type { Parts } from "./parts.ts";
import { etagOf } from "./rules/etag.ts";
import type { WorkerState } from "./state/workers.ts";
import type { Caller } from "./types.ts";

const CODE = utf8(`export default {
  fetch: () => new Response("This Worker holds secrets and has no code yet.\\n", { status: 404 }),
};
`);
const SHA256 = hash("sha256", CODE, "hex");

export interface DraftVersion {
  readonly manifest: Manifest;
  readonly info: VersionInfo;
  readonly modules: readonly ModuleRow[];
}

export function draftVersion(parts: Parts, caller: Caller, state: WorkerState, createdOn: string): DraftVersion {
  const { workerId, head } = state.worker;
  const name = "worker.js";
  const modules = [
    { name, type: "esm", contentType: "application/javascript+module", sha256: SHA256, size: CODE.length },
  ] as const;
  return {
    manifest: {
      format: 1,
      versionId: workerId,
      workerId,
      number: head.newestNumber,
      createdOn,
      tag: null,
      syntax: "module",
      mainModule: name,
      modules,
      compatibilityDate: null,
      compatibilityFlags: [],
      usageModel: "standard",
      limits: null,
      placement: null,
      bindings: [],
    },
    info: {
      source: caller.source,
      authorId: caller.tokenId,
      authorEmail: authorEmail(caller),
      message: null,
      alias: null,
      triggeredBy: "secret",
      startupTimeMs: 0,
      handlers: ["fetch"],
      namedHandlers: [],
      etag: etagOf(name, modules),
      lastDeployedFrom: caller.source,
    },
    modules: [{ sha256: SHA256, bytes: CODE }],
  };
}
