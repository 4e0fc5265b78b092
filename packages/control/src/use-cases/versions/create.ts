import type { Parts } from "../../parts.ts";
import type { Caller, Upload, VersionView } from "../../types.ts";
import { mustExist, versionView } from "../../views.ts";
import { makeVersion } from "./make.ts";
import { authoriseUpload, uploadParts } from "./upload-parts.ts";

/** POST versions: a version of a Worker that is there; nothing is deployed unless `deploy`. */
export async function createVersion(
  parts: Parts,
  caller: Caller,
  worker: string,
  upload: Upload,
  options: { readonly deploy?: boolean } = {},
): Promise<VersionView> {
  authoriseUpload(caller, upload.bindings);
  return makeVersion(
    parts,
    caller,
    worker,
    {
      ...uploadParts(upload),
      settings: {},
      triggeredBy: "version_upload",
      deployment: options.deploy === true ? { triggeredBy: "deployment", message: null } : undefined,
      subject: mustExist,
    },
    ({ state, version }) => versionView(state.worker.head, version),
  );
}
