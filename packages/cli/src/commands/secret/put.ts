import { defineCommand } from "../../args/flags.ts";
import { anyNameFlag, checkNewName } from "../../input/name.ts";
import { readValue, valueFlags, valueOnCommandLine } from "../../input/value.ts";
import { createFlag, withDraft } from "../draft.ts";
import { explain } from "../explain.ts";
import { openTarget, targetFlags } from "../target.ts";
import { waitFlag, waitLive } from "../wait.ts";

export const secretPut = defineCommand({
  words: "secret put",
  summary: "Create or replace a secret, and deploy it",
  details:
    "The value is asked for on a terminal, and read from stdin otherwise. It makes a new version of the Worker with this secret and deploys it at once.",
  document: "{worker, name, type, live: {live, ms}}",
  positionals: [{ name: "name", describe: "the name of the secret", required: true }],
  surplus: valueOnCommandLine,
  flags: { ...targetFlags, ...valueFlags, ...anyNameFlag, ...createFlag, ...waitFlag },
  examples: [
    { does: "Type the value at a hidden prompt", line: "corral secret put API_KEY" },
    { does: "From a password manager", line: "pass show api-key | corral secret put API_KEY" },
    { does: "A key file, byte for byte", line: "corral secret put TLS_KEY --from-file key.pem --raw" },
  ],
  async run(args, [name = ""], cli) {
    checkNewName(name, args["any-name"]);
    const { api, worker } = await openTarget(args, cli);
    const value = await readValue(args, cli);
    cli.out.line(`🌀 Creating the secret for the Worker "${worker}"`);
    try {
      await withDraft(api, args.create === true, cli, () => api.putSecret(name, value));
      cli.out.line(`✨ Success! Uploaded secret ${name}`);
      const live = await waitLive(api, args.wait, cli);
      cli.out.document({ worker, name, type: "secret_text", live });
      cli.out.event("secret-put", { worker_name: worker, secret_name: name });
    } catch (error) {
      const sizes = new Map([[name, Buffer.byteLength(value.reveal())]]);
      throw await explain(error, { api, args, secret: name, sizes, creates: true, alternative: `versions secret put ${name}` });
    }
  },
});
