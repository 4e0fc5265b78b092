import { choice, defineCommand } from "../../args/flags.ts";
import { printBlock, versionDocument, versionRows } from "../../output/blocks.ts";
import { explain } from "../explain.ts";
import { formats } from "../secret/list.ts";
import { openTarget, targetFlags } from "../target.ts";

export const versionsList = defineCommand({
  words: "versions list",
  summary: "List the versions of a Worker that can be deployed, newest first",
  document: "[{version_id, number, created_on, author, source, message, tag}]",
  positionals: [],
  flags: { ...targetFlags, format: choice(formats, "how to print (default: pretty)") },
  examples: [{ does: "All of them", line: "corral versions list" }],
  async run(args, _positionals, cli) {
    const { api } = await openTarget(args, cli);
    try {
      const versions = await api.listVersions(true);
      for (const [index, version] of versions.entries()) {
        if (index > 0) cli.out.line();
        printBlock(cli.out, versionRows(version));
      }
      if (versions.length === 0) cli.out.line(`No versions of the Worker "${api.worker}".`);
      cli.out.document(versions.map(versionDocument));
    } catch (error) {
      throw await explain(error, { api, args });
    }
  },
});
