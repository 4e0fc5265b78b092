import { CorralError } from "@corral/base";
import { authorise } from "../../authorise.ts";
import { mutate, Overtaken } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import { planChange, stampFor } from "../../plan-change.ts";
import { storedStaleDeployments, storedVersions } from "../../plan-prune.ts";
import { unboundRecords } from "../../rules/retention.ts";
import type { Caller } from "../../types.ts";
import { mustExist } from "../../views.ts";

/**
 * Erases one version, with the values that only it had and the deployments of the history that name it. The newest one
 * and those of the active deployment stay: "version.in-use". Throws "version.not-found" (100146).
 */
export async function removeVersion(parts: Parts, caller: Caller, worker: string, versionId: string): Promise<void> {
  authorise(caller, "worker.write");
  await mutate(parts, caller, worker, async (found) => {
    const state = mustExist(found);
    const { head } = state.worker;
    const versions = await storedVersions(parts, state);
    if (versions === undefined) throw new Overtaken();
    const doomed = versions.filter((version) => version.versionId === versionId);
    const [version] = doomed;
    if (version === undefined) throw new CorralError("version.not-found");
    const live = head.shares.some((share) => share.versionId === versionId);
    if (live || head.newestVersionId === versionId) throw new CorralError("version.in-use");
    const retained = versions.filter((other) => other.versionId !== versionId);
    const { plan, next } = await planChange(parts, caller, state, stampFor(parts, state), {
      destroy: {
        versionIds: [version.versionId],
        recordIds: unboundRecords(doomed, retained),
        deploymentIds: await storedStaleDeployments(parts, head, new Set([version.versionId]), Infinity),
      },
      audit: [{ action: "version.delete", subject: version.versionId }],
    });
    return { plan, next, result: undefined, committed: () => parts.versions.forget(version.versionId) };
  });
}
