import { choice, defineCommand } from "../../args/flags.ts";
import type { DeploymentInfo, VersionInfo } from "../../client/shapes.ts";
import type { WorkerApi } from "../../client/worker-api.ts";
import { deploymentDocument, plain, printBlock, triggerOf } from "../../output/blocks.ts";
import type { Output } from "../../output/output.ts";
import { explain } from "../explain.ts";
import { formats } from "../secret/list.ts";
import { openTarget, targetFlags } from "../target.ts";

export const deploymentsList = defineCommand({
  words: "deployments list",
  summary: "List the deployments of a Worker, oldest first",
  document: "[{deployment_id, created_on, author, source, message, versions: [{version_id, percentage}]}]",
  positionals: [],
  flags: { ...targetFlags, format: choice(formats, "how to print (default: pretty)") },
  examples: [{ does: "The last ones", line: "corral deployments list" }],
  async run(args, _positionals, cli) {
    const { api } = await openTarget(args, cli);
    try {
      const deployments = (await api.listDeployments()).toReversed();
      const versions = cli.out.json ? new Map<string, VersionInfo>() : await versionsOf(deployments, api);
      for (const [index, deployment] of deployments.entries()) {
        if (index > 0) cli.out.line();
        printDeployment(cli.out, deployment, versions);
      }
      if (deployments.length === 0) cli.out.line(`No deployments of the Worker "${api.worker}".`);
      cli.out.document(deployments.map(deploymentDocument));
    } catch (error) {
      throw await explain(error, { api, args });
    }
  },
});

/** Each mentioned version once; one that is gone is left out. */
export async function versionsOf(deployments: readonly DeploymentInfo[], api: WorkerApi): Promise<Map<string, VersionInfo>> {
  const ids = new Set(deployments.flatMap((one) => one.versions.map((share) => share.versionId)));
  const found = new Map((await api.listVersions()).map((one) => [one.id, one]));
  const missing = [...ids].filter((id) => !found.has(id));
  const asked = await Promise.allSettled(missing.map(async (id) => api.getVersion(id)));
  for (const one of asked) if (one.status === "fulfilled" && one.value !== undefined) found.set(one.value.id, one.value);
  return found;
}

export function printDeployment(out: Output, deployment: DeploymentInfo, versions: ReadonlyMap<string, VersionInfo>): void {
  printBlock(out, [
    ["Created", deployment.createdOn],
    ["Author", deployment.author],
    ["Source", triggerOf(deployment)],
    ["Message", deployment.message],
  ]);
  for (const share of deployment.versions) {
    const version = versions.get(share.versionId);
    out.line(`Version:  (${share.percentage}%) ${share.versionId}`);
    if (version === undefined) continue;
    out.line(`          created ${version.createdOn}, tag ${plain(version.tag)}, message ${plain(version.message)}`);
  }
}
