import { defineCommand } from "../args/flags.ts";
import { text } from "../client/shapes.ts";
import { listWorkers } from "../client/worker-api.ts";
import { plain } from "../output/blocks.ts";
import { configFlags, openAccount, targetFlags } from "./target.ts";

export const listCommand = defineCommand({
  words: "list",
  summary: "List the Workers of the account",
  document: "[{name, created_on, modified_on}]",
  positionals: [],
  flags: { ...configFlags, json: targetFlags.json },
  examples: [{ does: "All of them", line: "corral list" }],
  async run(args, _positionals, cli) {
    const { http } = await openAccount(args, cli);
    const workers = (await listWorkers(http)).map((one) => ({
      name: text(one["id"]) ?? "",
      created_on: text(one["created_on"]),
      modified_on: text(one["modified_on"]),
    }));
    const width = Math.max(0, ...workers.map((one) => one.name.length));
    for (const one of workers) cli.out.line(`${plain(one.name).padEnd(width)}  ${plain(one.modified_on)}`);
    if (workers.length === 0) cli.out.line("No Workers on this account.");
    cli.out.document(workers);
  },
});
