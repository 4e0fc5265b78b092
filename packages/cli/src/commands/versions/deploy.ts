import type { Cli } from "../../cli.ts";
import { defineCommand, choice, list, text, yesNo } from "../../args/flags.ts";
import type { ShareInfo, VersionInfo } from "../../client/shapes.ts";
import type { WorkerApi } from "../../client/worker-api.ts";
import { plain } from "../../output/blocks.ts";
import { Declined, usage } from "../../output/errors.ts";
import { ago } from "../../output/words.ts";
import { explain } from "../explain.ts";
import { deployOverSecrets } from "../changed-secrets.ts";
import { yesFlag } from "../secret/delete.ts";
import { openTarget, targetFlags } from "../target.ts";
import { waitFlag, waitLive } from "../wait.ts";
import { findVersion } from "./find.ts";
import { completeShares, parsePercentage, parseSpec, type Spec } from "./shares.ts";

export const versionsDeploy = defineCommand({
  words: "versions deploy",
  summary: "Divide the traffic among versions",
  details:
    "A version is named by its id, the beginning of it, or its tag. Versions without a share divide what is left of 100 % among them. Without versions it asks.",
  document: "{worker, deployment_id, versions: [{version_id, percentage}], live}",
  positionals: [{ name: "version@share", describe: "versions and shares, such as 1a2b3c4d@20%", many: true }],
  flags: {
    ...targetFlags,
    "version-id": list("id", "a version, in the order of --percentage"),
    percentage: list("number", "its share"),
    message: text("text", "a message for the deployment"),
    "max-versions": text("number", "how many versions at most (default: 2)"),
    secrets: choice(["old"], "go back to an older version although its secrets differ from what is live"),
    "dry-run": yesNo("tell what would be deployed, and change nothing"),
    ...yesFlag,
    ...waitFlag,
  },
  examples: [
    { does: "A fifth of the traffic to the new version", line: "corral versions deploy 1a2b3c4d@20% 9f8e7d6c@80%" },
    { does: "All of it", line: "corral versions deploy 1a2b3c4d@100%" },
    { does: "Asked which", line: "corral versions deploy" },
  ],
  async run(args, words, cli) {
    const { api, worker } = await openTarget(args, cli);
    const specs = readSpecs(words, args["version-id"], args.percentage);
    const most = Number(args["max-versions"] ?? 2);
    if (!Number.isInteger(most) || most < 1) throw usage("--max-versions takes a whole number from 1.");
    try {
      const shares = specs.length > 0 ? await resolve(specs, api) : await askShares(api, most, args.yes, cli);
      if (shares.length > most) throw usage(`At most ${most} versions can be deployed at once; see --max-versions.`);
      const told = shares.map((one) => `${one.versionId} at ${one.percentage} %`).join(", ");
      if (args["dry-run"] === true) {
        cli.out.line(`Would deploy "${worker}": ${told}.`);
        cli.out.document({ worker, versions: shareDocuments(shares), dry_run: true });
        return;
      }
      if (args.yes !== true && cli.ask.possible && !(await cli.ask.yesNo(`Deploy "${worker}": ${told}?`, true))) {
        throw new Declined("Nothing was changed.");
      }
      const { id } = await deployOverSecrets({ api, shares, message: args.message, allowed: args.secrets === "old" }, cli);
      cli.out.line(`✨ Deployed "${worker}": ${told}.`);
      const live = await waitLive(api, args.wait, cli);
      cli.out.document({ worker, deployment_id: id, versions: shareDocuments(shares), live });
      cli.out.event("version-deploy", {
        worker_name: worker,
        deployment_id: id,
        version_traffic: Object.fromEntries(shares.map((one) => [one.versionId, one.percentage])),
      });
    } catch (error) {
      throw await explain(error, { api, args });
    }
  },
});

function shareDocuments(shares: readonly ShareInfo[]) {
  return shares.map((one) => ({ version_id: one.versionId, percentage: one.percentage }));
}

function readSpecs(words: readonly string[], ids: readonly string[], percentages: readonly string[]): Spec[] {
  if (percentages.length > ids.length) throw usage("Each --percentage belongs to a --version-id before it.");
  const named = ids.map((version, index) => {
    const percentage = percentages[index];
    return { version, percentage: percentage === undefined ? undefined : parsePercentage(percentage) };
  });
  return [...words.map(parseSpec), ...named];
}

async function resolve(specs: readonly Spec[], api: WorkerApi): Promise<ShareInfo[]> {
  const versions = await Promise.all(specs.map(async (one) => findVersion(api, one.version)));
  return completeShares(versions.map((version, index) => ({ versionId: version.id, percentage: specs[index]?.percentage })));
}

/** wrangler's questions: which versions, then the share of each. */
async function askShares(api: WorkerApi, most: number, yes: boolean | undefined, cli: Cli): Promise<ShareInfo[]> {
  if (!cli.ask.possible || yes === true) {
    throw usage(
      "Which versions? Name them with their shares: corral versions deploy <version>@100%",
      "All of them: corral versions list",
    );
  }
  const [versions, deployments] = await Promise.all([api.listVersions(true), api.listDeployments()]);
  if (versions.length === 0) throw usage(`The Worker "${api.worker}" has no versions yet.`, "Upload one first: corral deploy");
  const live = deployments[0]?.versions ?? [];
  cli.ask.write("? Which version(s) do you want to deploy?\n");
  for (const [index, version] of versions.entries()) cli.ask.write(`  ${index + 1}  ${describe(version, live)}\n`);
  const chosen = await askNumbers(versions, most, cli);
  if (chosen.length === 1) return chosen.map((one) => ({ versionId: one.id, percentage: 100 }));
  const shares: { versionId: string; percentage: number | undefined }[] = [];
  let left = 100;
  for (const [index, version] of chosen.entries()) {
    const last = index === chosen.length - 1;
    const now = live.find((one) => one.versionId === version.id)?.percentage;
    const suggested = last ? left : Math.min(now ?? 0, left);
    const answer = await cli.ask.text(
      `What percentage of traffic should Worker Version ${index + 1} (${version.id}) receive?`,
      String(suggested),
    );
    const percentage = parsePercentage(answer);
    left = Math.max(0, Math.round((left - percentage) * 1000) / 1000);
    shares.push({ versionId: version.id, percentage });
  }
  return completeShares(shares);
}

async function askNumbers(versions: readonly VersionInfo[], most: number, cli: Cli): Promise<VersionInfo[]> {
  for (;;) {
    const answer = await cli.ask.text(`Their numbers, at most ${most}`, "1");
    const numbers = [...new Set(answer.split(/[\s,]+/).map(Number))];
    const chosen = numbers.map((one) => versions[one - 1]).filter((one) => one !== undefined);
    if (chosen.length === numbers.length && chosen.length <= most) return chosen;
  }
}

function describe(version: VersionInfo, live: readonly ShareInfo[]): string {
  const share = live.find((one) => one.versionId === version.id)?.percentage;
  const parts = [
    version.id,
    `${ago(version.createdOn)} ago`,
    version.author,
    version.tag,
    version.message,
    share === undefined ? undefined : `live: ${share}%`,
  ];
  return parts
    .filter((one) => one !== undefined)
    .map(plain)
    .join("  ");
}
