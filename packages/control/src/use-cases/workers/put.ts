import { mustHaveRoom, unbornWorker } from "../../new-worker.ts";
import type { Parts } from "../../parts.ts";
import { checkWorkerName } from "../../rules/names.ts";
import { unwrap } from "../../rules/unwrap.ts";
import type { Caller, Upload, WorkerView } from "../../types.ts";
import { workerView } from "../../views.ts";
import { makeVersion } from "../versions/make.ts";
import { authoriseUpload, uploadParts } from "../versions/upload-parts.ts";

/** The message that the real service gives to a deployment by upload (wire.md 6.4). */
const UPLOAD_MESSAGE = "Automatic deployment on upload.";

/** PUT S: a version from this upload, deployed at 100 %; makes the Worker if it is absent. */
export async function putWorker(parts: Parts, caller: Caller, name: string, upload: Upload): Promise<WorkerView> {
  authoriseUpload(caller, upload.bindings);
  unwrap(checkWorkerName(name));
  if ((await parts.workers.findRow(caller.accountId, name)) === undefined) await mustHaveRoom(parts, caller);
  return makeVersion(
    parts,
    caller,
    name,
    {
      ...uploadParts(upload),
      settings: upload.settings,
      triggeredBy: "upload",
      deployment: { triggeredBy: "upload", message: UPLOAD_MESSAGE },
      subject: (found) => found ?? unbornWorker(parts, caller, name),
    },
    ({ state }) => workerView(state),
  );
}
