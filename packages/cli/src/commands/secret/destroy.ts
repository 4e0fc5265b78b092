import { defineCommand, yesNo } from "../../args/flags.ts";
import type { Cli } from "../../cli.ts";
import { asObject } from "../../client/http-client.ts";
import { Refusal } from "../../client/refusal.ts";
import { items, text } from "../../client/shapes.ts";
import type { WorkerApi } from "../../client/worker-api.ts";
import { checkOldName } from "../../input/name.ts";
import { Declined, Failure, usage } from "../../output/errors.ts";
import { counted } from "../../output/words.ts";
import { explain } from "../explain.ts";
import { openTarget, targetFlags } from "../target.ts";
import { yesFlag } from "./delete.ts";

export const secretDestroy = defineCommand({
  words: "secret destroy",
  summary: "Erase the old values of a secret, with the versions that need one",
  details:
    "Replacing or deleting a secret leaves its old values in older versions, for rollbacks. This erases them at once: the versions that refer to one die with it. The newest version and the live ones are never touched. Only a Corral can do it.",
  document: "{worker, name, versions: [id]}",
  positionals: [{ name: "name", describe: "the name of the secret", required: true }],
  flags: { ...targetFlags, ...yesFlag, "dry-run": yesNo("tell which versions would die, and change nothing") },
  examples: [{ does: "See first which versions die", line: "corral secret destroy API_KEY --dry-run" }],
  async run(args, [name = ""], cli) {
    checkOldName(name);
    const { api, worker } = await openTarget(args, cli);
    try {
      const doomed = await destroy(api, name, true);
      if (doomed.length === 0) {
        cli.out.line(`There are no old values of ${name} to destroy.`);
        return cli.out.document({ worker, name, versions: [] });
      }
      cli.out.say(`${counted(doomed.length, "version")} of the Worker "${worker}" would die with the old values of ${name}:`);
      for (const id of doomed) cli.out.say(`  ${id}`);
      if (args["dry-run"] === true) return cli.out.document({ worker, name, versions: doomed, dry_run: true });
      await confirm(name, worker, args.yes, cli);
      const dead = await destroy(api, name, false);
      cli.out.line(`✨ Success! Destroyed the old values of ${name}, and ${counted(dead.length, "version")}.`);
      cli.out.document({ worker, name, versions: dead });
      cli.out.event("secret-destroy", { worker_name: worker, secret_name: name, versions: dead });
    } catch (error) {
      throw await explain(error, { api, args, secret: name });
    }
  },
});

async function confirm(name: string, worker: string, yes: boolean | undefined, cli: Cli): Promise<void> {
  if (yes === true) return;
  if (!cli.ask.possible) throw usage("Destroying a secret needs --yes when there is no terminal to ask.");
  const question = `Are you sure you want to destroy the old values of ${name} on the Worker ${worker}? This cannot be undone.`;
  if (!(await cli.ask.yesNo(question, false))) throw new Declined("Nothing was destroyed.");
}

/** POST /corral/v1/workers/{name}/secrets/{secret}/destroy; answers the ids of the versions that die. */
async function destroy(api: WorkerApi, name: string, dryRun: boolean): Promise<string[]> {
  const path = `/corral/v1/workers/${encodeURIComponent(api.worker)}/secrets/${encodeURIComponent(name)}/destroy`;
  try {
    const { result } = await api.http.request({ method: "POST", from: "root", path, query: { dry_run: String(dryRun) } });
    return items(asObject(result)?.["versions"]).flatMap((one) => text(one) ?? text(asObject(one)?.["id"]) ?? []);
  } catch (error) {
    if (error instanceof Refusal && error.is(7003)) {
      throw new Failure("This server cannot destroy values; it keeps them as long as versions refer to them.", {
        code: 7003,
        requestId: error.requestId,
      });
    }
    throw error;
  }
}
