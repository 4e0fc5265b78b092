import { defineCommand } from "../../../args/flags.ts";
import { summarize, tellEach } from "../../../bulk/changes.ts";
import { readBulk } from "../../../bulk/read.ts";
import { bulkFile, bulkFlags, planBulk } from "../../secret/bulk.ts";
import { openTarget } from "../../target.ts";
import { annotationFlags, explainVersionEdit, tellHowToDeploy } from "./shared.ts";

export const versionsSecretBulk = defineCommand({
  words: "versions secret bulk",
  summary: "Create, replace and delete many secrets in one new version, without deploying it",
  details: 'JSON ({"NAME": "value", "OLD": null}; null deletes) or .env lines (NAME=value).',
  document: "{worker, created: [name], deleted: [name], version_id}; with --dry-run as secret bulk",
  positionals: [bulkFile],
  flags: { ...bulkFlags, ...annotationFlags },
  examples: [{ does: "One version for all of the file", line: "corral versions secret bulk secrets.json" }],
  async run(args, [path], cli) {
    const { api, worker } = await openTarget(args, cli);
    const entries = await readBulk({ path, format: args["input-format"], anyName: args["any-name"] === true }, cli);
    const summary = summarize(entries);
    if (args["dry-run"] === true) return planBulk(api, summary, cli);
    cli.out.line(`🌀 Processing the secrets for the Worker "${worker}"`);
    const message = args.message ?? `Bulk updated ${entries.length} secrets`;
    try {
      const { id } = await api.patchLatestVersion(summary.changes, { message, tag: args.tag });
      tellEach(summary, cli);
      const { created, deleted } = summary;
      cli.out.line(
        `✨ Success! Created version ${id} with ${created.length} secrets created and ${deleted.length} secrets deleted.`,
      );
      tellHowToDeploy(cli);
      cli.out.document({ worker, created, deleted, version_id: id });
      cli.out.event("version-secret-bulk", { worker_name: worker, created, deleted, version_id: id });
    } catch (error) {
      throw await explainVersionEdit(error, { api, args, sizes: summary.sizes });
    }
  },
});
