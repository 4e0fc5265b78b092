import { hash } from "node:crypto";
import { CorralError } from "@corral/base";
import { authorise } from "../../authorise.ts";
import type { Parts } from "../../parts.ts";
import type { Caller, Content, UploadModule } from "../../types.ts";
import { mustExist } from "../../views.ts";
import { retainedVersion } from "./get.ts";

/** A version's modules byte for byte, the main module first. Throws "storage.corrupt" when bytes are not what was stored. */
export async function versionContent(parts: Parts, caller: Caller, worker: string, versionId: string): Promise<Content> {
  authorise(caller, "worker.code");
  const state = mustExist(await parts.workers.find(caller.accountId, worker));
  const { manifest } = await retainedVersion(parts, state, versionId);
  const modules: UploadModule[] = [];
  for (const { name, type, contentType, sha256 } of manifest.modules) {
    const bytes = await parts.store.versions.findModule(sha256);
    if (bytes === undefined || hash("sha256", bytes, "hex") !== sha256) throw new CorralError("storage.corrupt");
    const module = { name, type, contentType, bytes };
    if (name === manifest.mainModule) modules.unshift(module);
    else modules.push(module);
  }
  return { manifest, modules };
}
