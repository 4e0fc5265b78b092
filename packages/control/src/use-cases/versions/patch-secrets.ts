import { authorise } from "../../authorise.ts";
import { mutate } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import type { Caller, SecretChanges, VersionAnnotations, VersionView } from "../../types.ts";
import { mustExist, mustHaveVersions, versionView } from "../../views.ts";
import { checkChanges, decideEdit } from "../secrets/edit.ts";
import { CorralError } from "@corral/base";

/** PATCH W/versions/latest: a version from the newest one, whatever is deployed (10222 when there is none). */
export async function patchSecrets(
  parts: Parts,
  caller: Caller,
  worker: string,
  changes: SecretChanges,
  annotations: VersionAnnotations,
  options: { readonly deploy?: boolean } = {},
): Promise<VersionView> {
  authorise(caller, "secret.write");
  if (options.deploy === true) authorise(caller, "worker.write");
  checkChanges(parts, changes);
  return mutate(parts, caller, worker, async (found) => {
    const state = mustExist(found);
    mustHaveVersions(state);
    const decision = await decideEdit(parts, caller, state, changes, {
      deploy: options.deploy === true,
      annotations,
      evenIfUnchanged: true,
    });
    if (decision?.next === undefined) throw new CorralError("internal");
    return { ...decision, result: versionView(decision.next.worker.head, decision.result) };
  });
}
