import { choice, defineCommand, yesNo } from "../../../args/flags.ts";
import { secretNames, type ShareInfo, type VersionInfo } from "../../../client/shapes.ts";
import type { WorkerApi } from "../../../client/worker-api.ts";
import { formats } from "../../secret/list.ts";
import { openTarget, targetFlags } from "../../target.ts";
import { explainVersionEdit } from "./shared.ts";

export const versionsSecretList = defineCommand({
  words: "versions secret list",
  summary: "List the names of the secrets of each live version",
  document: "[{version_id, percentage, secrets: [{name, type}]}]",
  positionals: [],
  flags: {
    ...targetFlags,
    "latest-version": yesNo("only the version that was uploaded last, live or not"),
    format: choice(formats, "how to print (default: pretty)"),
  },
  examples: [
    { does: "What traffic sees", line: "corral versions secret list" },
    { does: "What a new version would start from", line: "corral versions secret list --latest-version" },
  ],
  async run(args, _positionals, cli) {
    const { api } = await openTarget(args, cli);
    try {
      const [versions, deployments] = await Promise.all([api.listVersions(), api.listDeployments()]);
      const live = deployments[0]?.versions ?? [];
      const newest = versions[0];
      const shares = args["latest-version"] === true ? newestShare(newest, live) : live;
      const blocks = await Promise.all(
        shares.map(async (one) => ({ ...one, secrets: await secretsOf(one.versionId, versions, api) })),
      );
      for (const [index, block] of blocks.entries()) {
        if (index > 0) cli.out.line();
        cli.out.line(`-- Version ${block.versionId} (${block.percentage}%) secrets --`);
        for (const one of block.secrets) cli.out.line(`Secret Name: ${one.name}`);
      }
      cli.out.document(blocks.map((one) => ({ version_id: one.versionId, percentage: one.percentage, secrets: one.secrets })));
      if (args["latest-version"] !== true && newest !== undefined && !live.some((one) => one.versionId === newest.id)) {
        cli.out.note(`Version ${newest.id} is newer and not deployed; see --latest-version.`);
      }
    } catch (error) {
      throw await explainVersionEdit(error, { api, args });
    }
  },
});

function newestShare(newest: VersionInfo | undefined, live: readonly ShareInfo[]): ShareInfo[] {
  if (newest === undefined) return [];
  return [live.find((one) => one.versionId === newest.id) ?? { versionId: newest.id, percentage: 0 }];
}

/** From the list if it is there with its bindings; an older version is asked for. */
async function secretsOf(
  id: string,
  versions: readonly VersionInfo[],
  api: WorkerApi,
): Promise<{ name: string; type: string }[]> {
  const listed = versions.find((one) => one.id === id);
  const version = listed !== undefined && listed.bindings.length > 0 ? listed : await api.getVersion(id);
  if (version === undefined) return [];
  const names = new Set(secretNames(version));
  return version.bindings
    .filter((one) => names.has(one.name))
    .map(({ name, type }) => ({ name, type }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
