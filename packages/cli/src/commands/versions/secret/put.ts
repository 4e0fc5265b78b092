import { defineCommand } from "../../../args/flags.ts";
import { anyNameFlag, checkNewName } from "../../../input/name.ts";
import { readValue, valueFlags, valueOnCommandLine } from "../../../input/value.ts";
import { openTarget, targetFlags } from "../../target.ts";
import { annotationFlags, explainVersionEdit, tellHowToDeploy } from "./shared.ts";

export const versionsSecretPut = defineCommand({
  words: "versions secret put",
  summary: "Create or replace a secret in a new version, without deploying it",
  document: "{worker, name, version_id}",
  positionals: [{ name: "name", describe: "the name of the secret", required: true }],
  surplus: valueOnCommandLine,
  flags: { ...targetFlags, ...valueFlags, ...anyNameFlag, ...annotationFlags },
  examples: [
    {
      does: "Make the version, then move a tenth of the traffic to it",
      line: "corral versions secret put API_KEY && corral versions deploy",
    },
    { does: "From a file, with a message", line: 'corral versions secret put API_KEY --from-file key.txt --message "rotated"' },
  ],
  async run(args, [name = ""], cli) {
    checkNewName(name, args["any-name"]);
    const { api, worker } = await openTarget(args, cli);
    const value = await readValue(args, cli);
    cli.out.line(`🌀 Creating the secret for the Worker "${worker}"`);
    const message = args.message ?? `Updated secret "${name}"`;
    try {
      const { id } = await api.patchLatestVersion(new Map([[name, value]]), { message, tag: args.tag });
      cli.out.line(`✨ Success! Created version ${id} with secret ${name}.`);
      tellHowToDeploy(cli);
      cli.out.document({ worker, name, version_id: id });
      cli.out.event("version-secret-put", { worker_name: worker, secret_name: name, version_id: id });
    } catch (error) {
      const sizes = new Map([[name, Buffer.byteLength(value.reveal())]]);
      throw await explainVersionEdit(error, { api, args, secret: name, sizes });
    }
  },
});
