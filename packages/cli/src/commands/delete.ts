import { defineCommand, yesNo } from "../args/flags.ts";
import { asObject } from "../client/http-client.ts";
import { items, text } from "../client/shapes.ts";
import type { WorkerApi } from "../client/worker-api.ts";
import { plain } from "../output/blocks.ts";
import { Declined, Failure, usage } from "../output/errors.ts";
import { explain } from "./explain.ts";
import { yesFlag } from "./secret/delete.ts";
import { openTarget, targetFlags } from "./target.ts";

export const deleteCommand = defineCommand({
  words: "delete",
  summary: "Delete a Worker with all its versions and secrets",
  document: "{worker}",
  positionals: [{ name: "worker", describe: "the Worker's name (default: the config's)" }],
  flags: {
    ...targetFlags,
    ...yesFlag,
    force: yesNo("also if other Workers call it"),
    "dry-run": yesNo("tell what would be deleted, and change nothing"),
  },
  examples: [{ does: "Ask first", line: "corral delete --name old-worker" }],
  async run(args, [name], cli) {
    const { api, worker } = await openTarget(name === undefined ? args : { ...args, name }, cli);
    try {
      if ((await api.service()) === undefined)
        throw new Failure(`Worker "${worker}" not found.`, { hints: ["All of them: corral list"] });
      const callers = await callersOf(api);
      if (callers.length > 0 && args.force !== true) {
        throw new Failure(`Other Workers call "${worker}": ${callers.map(plain).join(", ")}.`, {
          hints: ["Delete it all the same: --force"],
        });
      }
      if (args["dry-run"] === true) {
        cli.out.line(`Would delete "${worker}".`);
        cli.out.document({ worker, dry_run: true });
        return;
      }
      if (args.yes !== true) {
        if (!cli.ask.possible) throw usage("Deleting a Worker needs --yes when there is no terminal to ask.");
        const question = `Are you sure you want to permanently delete the Worker "${worker}" with all its versions and secrets?`;
        if (!(await cli.ask.yesNo(question, false))) throw new Declined("Nothing was deleted.");
      }
      await api.delete(args.force === true);
      cli.out.line(`✨ Success! Deleted Worker "${worker}".`);
      cli.out.document({ worker });
      cli.out.event("delete", { worker_name: worker });
    } catch (error) {
      throw await explain(error, { api, args });
    }
  },
});

/** Workers whose service bindings name this one. */
async function callersOf(api: WorkerApi): Promise<string[]> {
  const incoming = items(asObject(asObject(await api.references())?.["services"])?.["incoming"]);
  return incoming.flatMap((one) => text(asObject(one)?.["name"]) ?? text(asObject(one)?.["service"]) ?? []);
}
