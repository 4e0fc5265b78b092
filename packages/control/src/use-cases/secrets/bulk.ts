import { authorise } from "../../authorise.ts";
import { mutate } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import type { Caller, SecretChanges } from "../../types.ts";
import { mustExist } from "../../views.ts";
import { NO_ANNOTATIONS } from "./annotations.ts";
import { checkChanges, decideEdit, mustBeFullyDeployed } from "./edit.ts";

/** All of it or nothing: one version, one deployment (wire.md 6.2). Deleting what is not there changes nothing. */
export async function bulkSecrets(parts: Parts, caller: Caller, worker: string, changes: SecretChanges): Promise<void> {
  authorise(caller, "secret.write");
  checkChanges(parts, changes);
  await mutate(parts, caller, worker, async (found) => {
    const state = mustExist(found);
    if (state.newest !== undefined) mustBeFullyDeployed(state);
    const decision = await decideEdit(parts, caller, state, changes, { deploy: true, annotations: NO_ANNOTATIONS });
    return { ...(decision ?? { plan: undefined, next: state }), result: undefined };
  });
}
