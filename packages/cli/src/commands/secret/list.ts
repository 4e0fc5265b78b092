import { choice, defineCommand } from "../../args/flags.ts";
import { explain } from "../explain.ts";
import { openTarget, targetFlags } from "../target.ts";

export const formats = ["pretty", "json"] as const;

export const secretList = defineCommand({
  words: "secret list",
  summary: "List the names of a Worker's secrets",
  details: "Values cannot be read back, by nobody.",
  document: "[{name, type}]",
  positionals: [],
  flags: { ...targetFlags, format: choice(formats, "how to print (default: pretty)") },
  examples: [
    { does: "Names of the production environment", line: "corral secret list --env production" },
    { does: "For programs", line: "corral secret list --json" },
  ],
  async run(args, _positionals, cli) {
    const { api, worker } = await openTarget(args, cli);
    try {
      const secrets = await api.listSecrets();
      cli.out.document(secrets.map(({ name, type }) => ({ name, type })));
      if (secrets.length === 0) cli.out.line(`No secrets on the Worker "${worker}".`);
      for (const secret of secrets) cli.out.line(`Secret Name: ${secret.name}`);
    } catch (error) {
      throw await explain(error, { api, args });
    }
  },
});
