import { choice, defineCommand } from "../../args/flags.ts";
import { isSecretType } from "../../client/shapes.ts";
import { plain, printBlock, versionDocument, versionRows } from "../../output/blocks.ts";
import { explain } from "../explain.ts";
import { formats } from "../secret/list.ts";
import { openTarget, targetFlags } from "../target.ts";
import { findVersion } from "./find.ts";

export const versionsView = defineCommand({
  words: "versions view",
  summary: "Show one version: its secrets by name, and its other bindings",
  document:
    "{version_id, number, created_on, author, source, message, tag, compatibility_date, compatibility_flags, handlers, secrets: [{name, type}], bindings: [{name, type}]}",
  positionals: [{ name: "version", describe: "the version's id, the beginning of it, or its tag", required: true }],
  flags: { ...targetFlags, format: choice(formats, "how to print (default: pretty)") },
  examples: [{ does: "By the beginning of its id", line: "corral versions view 1a2b3c4d" }],
  async run(args, [spec = ""], cli) {
    const { api } = await openTarget(args, cli);
    try {
      const version = await findVersion(api, spec);
      const brief = version.bindings.map(({ name, type }) => ({ name, type })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const secrets = brief.filter((one) => isSecretType(one.type));
      const bindings = brief.filter((one) => !isSecretType(one.type));
      const { compatibilityDate, compatibilityFlags, handlers } = version;
      printBlock(cli.out, [
        ...versionRows(version),
        ["Handlers", handlers.join(", ")],
        ["Compatibility date", compatibilityDate],
        ["Compatibility flags", compatibilityFlags.join(", ")],
      ]);
      if (secrets.length > 0) cli.out.line("\nSecrets:");
      for (const one of secrets) cli.out.line(`Secret Name: ${plain(one.name)}`);
      if (bindings.length > 0) cli.out.line("\nBindings:");
      for (const one of bindings) cli.out.line(`${plain(one.name)} (${one.type})`);
      cli.out.document({
        ...versionDocument(version),
        compatibility_date: compatibilityDate,
        compatibility_flags: compatibilityFlags,
        handlers,
        secrets,
        bindings,
      });
    } catch (error) {
      throw await explain(error, { api, args });
    }
  },
});
