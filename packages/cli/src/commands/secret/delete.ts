import { defineCommand, yesNo } from "../../args/flags.ts";
import { checkOldName } from "../../input/name.ts";
import { Declined, usage } from "../../output/errors.ts";
import type { Cli } from "../../cli.ts";
import { explain } from "../explain.ts";
import { openTarget, targetFlags } from "../target.ts";
import { waitFlag, waitLive } from "../wait.ts";

export const yesFlag = { yes: yesNo("do not ask", { short: "y" }) };

export const secretDelete = defineCommand({
  words: "secret delete",
  summary: "Remove a secret from a Worker, and deploy that",
  document: "{worker, name, live}",
  positionals: [{ name: "name", describe: "the name of the secret", required: true }],
  flags: { ...targetFlags, ...yesFlag, ...waitFlag },
  examples: [
    { does: "Ask first", line: "corral secret delete API_KEY" },
    { does: "In a script", line: "corral secret delete API_KEY --yes" },
  ],
  async run(args, [name = ""], cli) {
    checkOldName(name);
    const { api, worker } = await openTarget(args, cli);
    await confirmDelete(name, worker, args.yes, cli);
    cli.out.line(`🌀 Deleting the secret ${name} on the Worker ${worker}`);
    try {
      await api.deleteSecret(name);
      cli.out.line(`✨ Success! Deleted secret ${name}`);
      const live = await waitLive(api, args.wait, cli);
      cli.out.document({ worker, name, live });
      cli.out.event("secret-delete", { worker_name: worker, secret_name: name });
    } catch (error) {
      throw await explain(error, { api, args, secret: name, alternative: `versions secret delete ${name}` });
    }
  },
});

export async function confirmDelete(name: string, worker: string, yes: boolean | undefined, cli: Cli): Promise<void> {
  if (yes === true) return;
  if (!cli.ask.possible) throw usage("Deleting a secret needs --yes when there is no terminal to ask.");
  const sure = await cli.ask.yesNo(
    `Are you sure you want to permanently delete the secret ${name} on the Worker ${worker}?`,
    false,
  );
  if (!sure) throw new Declined("Nothing was deleted.");
}
