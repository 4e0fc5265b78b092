/** A version by what people have at hand: its id, the beginning of it (8 digits and more), or its tag. */
import { isUuid } from "@corral/base";
import { Refusal } from "../../client/refusal.ts";
import type { VersionInfo } from "../../client/shapes.ts";
import type { WorkerApi } from "../../client/worker-api.ts";
import { Failure, usage } from "../../output/errors.ts";

const BEGINNING = /^[0-9a-f]{4,8}(-[0-9a-f-]*)?$/;

/** Throws Failure when there is none or more than one. */
export async function findVersion(api: WorkerApi, spec: string): Promise<VersionInfo> {
  if (isUuid(spec)) {
    const version = await getOrNone(api, spec);
    if (version !== undefined) return version;
    throw new Failure(`There is no version ${spec} of the Worker "${api.worker}".`, {
      hints: ["All of them: corral versions list"],
    });
  }
  return pick(await api.listVersions(true), spec, api.worker);
}

/** Among versions that are at hand. */
export function pick(versions: readonly VersionInfo[], spec: string, worker: string): VersionInfo {
  const found = versions.filter((one) => one.tag === spec || (BEGINNING.test(spec) && one.id.startsWith(spec)));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only !== undefined) throw usage(`More than one version fits: ${found.map((one) => one.id).join(", ")}.`);
  throw usage(`No version of the Worker "${worker}" has this id or tag.`, "All of them: corral versions list");
}

async function getOrNone(api: WorkerApi, id: string): Promise<VersionInfo | undefined> {
  try {
    return await api.getVersion(id);
  } catch (error) {
    if (error instanceof Refusal && error.status === 404 && !error.is(10007)) return undefined;
    throw error;
  }
}
