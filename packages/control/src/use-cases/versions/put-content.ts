import { authorise } from "../../authorise.ts";
import type { Parts } from "../../parts.ts";
import type { Caller, Upload, WorkerView } from "../../types.ts";
import { mustExist, mustHaveVersions, workerView } from "../../views.ts";
import { makeVersion } from "./make.ts";

/** PUT S/content: new code under the newest version's settings and bindings, deployed at 100 %. */
export async function putContent(
  parts: Parts,
  caller: Caller,
  worker: string,
  code: Pick<Upload, "syntax" | "mainModule" | "modules">,
): Promise<WorkerView> {
  authorise(caller, "worker.write");
  return makeVersion(
    parts,
    caller,
    worker,
    {
      code,
      bindings: [],
      keep: "all",
      strictInherit: false,
      runtime: {},
      annotations: {},
      settings: {},
      triggeredBy: "upload",
      deployment: { triggeredBy: "upload", message: null },
      prove: true,
      subject(found) {
        const state = mustExist(found);
        mustHaveVersions(state);
        return state;
      },
    },
    ({ state }) => workerView(state),
  );
}
