import { defineCommand } from "../args/flags.ts";
import { secretNames, type VersionInfo } from "../client/shapes.ts";
import { plain, versionDocument } from "../output/blocks.ts";
import { ago } from "../output/words.ts";
import { workerUrl } from "./deploy/url.ts";
import { versionsOf } from "./deployments/list.ts";
import { printState, stateDocument } from "./deployments/status.ts";
import { explain } from "./explain.ts";
import { openTarget, sameTarget, targetFlags } from "./target.ts";
import { readState } from "./wait.ts";

export const status = defineCommand({
  words: "status",
  summary: "Show one Worker: what is live, what waits, its secrets, its state",
  document: "{worker, url, live: [{version_id, percentage, secrets: [name]}], drafts: [{version_id, …, secrets: [name]}], state}",
  positionals: [],
  flags: targetFlags,
  examples: [{ does: "Why is a secret not live yet?", line: "corral status" }],
  async run(args, _positionals, cli) {
    const { api, worker } = await openTarget(args, cli);
    try {
      const [versions, deployments, state, url] = await Promise.all([
        api.listVersions(),
        api.listDeployments(),
        readState(api, 0),
        workerUrl(api, cli),
      ]);
      const active = deployments[0];
      const known = active === undefined ? new Map<string, VersionInfo>() : await versionsOf([active], api);
      const live = (active?.versions ?? []).map((share) => ({ ...share, version: known.get(share.versionId) }));
      const drafts = draftsAbove(versions, live);
      cli.out.line(`Worker:   ${worker}${url === undefined ? "" : `  ${url}`}`);
      for (const one of live) {
        const { version, versionId, percentage } = one;
        const about = version === undefined ? "" : `  ${describe(version)}`;
        cli.out.line(`Live:     (${percentage}%) ${versionId}${about}`);
        cli.out.line(`          secrets: ${version === undefined ? "-" : secretNames(version).map(plain).join(", ") || "none"}`);
      }
      if (live.length === 0) cli.out.line("Live:     nothing");
      for (const draft of drafts) {
        cli.out.line(`Draft:    ${draft.id}  ${describe(draft)}`);
        cli.out.line(`          secrets: ${secretNames(draft).map(plain).join(", ") || "none"}`);
      }
      printState(cli.out, state);
      if (drafts[0] !== undefined && live.length > 0) {
        cli.out.note(
          `A newer version is not live, so secrets can only be changed in versions: corral versions deploy ${drafts[0].id}@100%${sameTarget(args)}`,
        );
      }
      cli.out.document({
        worker,
        url,
        live: live.map((one) => ({
          version_id: one.versionId,
          percentage: one.percentage,
          secrets: one.version === undefined ? [] : secretNames(one.version),
        })),
        drafts: drafts.map((one) => ({ ...versionDocument(one), secrets: secretNames(one) })),
        state: stateDocument(state),
      });
    } catch (error) {
      throw await explain(error, { api, args });
    }
  },
});

function describe(version: VersionInfo): string {
  return [`uploaded ${ago(version.createdOn)} ago`, version.author, version.tag, version.message]
    .filter((one) => one !== undefined)
    .map(plain)
    .join(", ");
}

/** Versions that are newer than the newest live one. */
function draftsAbove(versions: readonly VersionInfo[], live: readonly { readonly versionId: string }[]): VersionInfo[] {
  const first = versions.findIndex((one) => live.some((share) => share.versionId === one.id));
  return versions.slice(0, first < 0 ? versions.length : first);
}
