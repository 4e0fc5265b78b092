import { defineCommand } from "../../../args/flags.ts";
import { secretNames } from "../../../client/shapes.ts";
import { checkOldName } from "../../../input/name.ts";
import { secretAbsent } from "../../explain.ts";
import { confirmDelete, yesFlag } from "../../secret/delete.ts";
import { openTarget, targetFlags } from "../../target.ts";
import { annotationFlags, explainVersionEdit, tellHowToDeploy } from "./shared.ts";

export const versionsSecretDelete = defineCommand({
  words: "versions secret delete",
  summary: "Remove a secret in a new version, without deploying it",
  document: "{worker, name, version_id}",
  positionals: [{ name: "name", describe: "the name of the secret", required: true }],
  flags: { ...targetFlags, ...yesFlag, ...annotationFlags },
  examples: [{ does: "Ask first", line: "corral versions secret delete API_KEY" }],
  async run(args, [name = ""], cli) {
    checkOldName(name);
    const { api, worker } = await openTarget(args, cli);
    await confirmDelete(name, worker, args.yes, cli);
    cli.out.line(`🌀 Deleting the secret ${name} on the Worker ${worker}`);
    try {
      // The wire takes the deletion of what is not there without a word, and makes a version for nothing.
      const newest = (await api.listVersions())[0];
      if (newest !== undefined && !secretNames(newest).includes(name)) throw await secretAbsent(api, name);
      const message = args.message ?? `Deleted secret "${name}"`;
      const { id } = await api.patchLatestVersion(new Map([[name, null]]), { message, tag: args.tag });
      cli.out.line(`✨ Success! Created version ${id} with deleted secret ${name}.`);
      tellHowToDeploy(cli);
      cli.out.document({ worker, name, version_id: id });
      cli.out.event("version-secret-delete", { worker_name: worker, secret_name: name, version_id: id });
    } catch (error) {
      throw await explainVersionEdit(error, { api, args, secret: name });
    }
  },
});
