import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { defineCommand, text, yesNo } from "../args/flags.ts";
import type { Cli } from "../cli.ts";
import { Refusal, WORKER_ABSENT } from "../client/refusal.ts";
import { WorkerApi } from "../client/worker-api.ts";
import { type Config, readConfig } from "../config/config.ts";
import { findConfigSource } from "../config/source.ts";
import { Failure, usage } from "../output/errors.ts";
import { environmentTypes, renderTypes } from "../types/render.ts";
import { configFlags, openAccount, targetFlags, type TargetArgs } from "./target.ts";

const MARK = "// Written by corral types. Do not edit.";

export const types = defineCommand({
  words: "types",
  summary: "Write TypeScript types of a Worker's bindings and secrets",
  details:
    'From the config and from the names of the stored secrets. A name that one of the environments lacks is optional. `import { env } from "cloudflare:workers"` and process.env are typed too.',
  document: "{path, up_to_date}",
  positionals: [{ name: "path", describe: "the file to write (default: worker-configuration.d.ts)" }],
  flags: {
    ...configFlags,
    json: targetFlags.json,
    "env-interface": text("name", "the interface's name (default: Env)"),
    offline: yesNo("only from the config: contact no server"),
    check: yesNo("write nothing; fail if the file is not up to date"),
  },
  examples: [
    { does: "Write worker-configuration.d.ts", line: "corral types" },
    { does: "In CI", line: "corral types --check" },
  ],
  async run(args, [path = "worker-configuration.d.ts"], cli) {
    const source = await findConfigSource(cli.io.cwd, args.config);
    if (source === undefined) throw usage("There is no config file.", "Begin one: corral init --name my-worker");
    const name = args["env-interface"] ?? "Env";
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) throw usage("--env-interface takes the name of an interface.");
    const chosen = args.env === undefined || args.env === "" ? undefined : args.env;
    const top = readConfig(source, undefined);
    const configs =
      chosen === undefined ? [top, ...top.environments.map((one) => readConfig(source, one))] : [readConfig(source, chosen)];
    const stored = args.offline === true ? configs.map(() => undefined) : await storedNames(configs, args, cli);
    const rendered = renderTypes(
      name,
      configs.map((config, index) => environmentTypes(config, stored[index])),
      MARK,
    );
    const file = resolve(cli.io.cwd, path);
    const existing = existsSync(file) ? readFileSync(file, "utf8") : undefined;
    if (args.check === true) {
      if (existing !== rendered) throw new Failure(`${path} is not up to date.`, { hints: ["corral types"] });
      cli.out.line(`${path} is up to date.`);
      cli.out.document({ path, up_to_date: true });
      return;
    }
    if (existing !== undefined && !existing.includes(MARK))
      throw usage(`${path} was not written by corral types; it stays as it is.`, "Name another file");
    writeFileSync(file, rendered);
    cli.out.line(`Wrote ${path}.`);
    cli.out.document({ path, up_to_date: true });
  },
});

/** Secrets by environment; undefined for a Worker that is not there yet. */
async function storedNames(configs: readonly Config[], args: TargetArgs, cli: Cli): Promise<(readonly string[] | undefined)[]> {
  const { http } = await openAccount({ ...args, env: undefined }, cli);
  return Promise.all(
    configs.map(async ({ name }) => {
      if (name === undefined) return undefined;
      try {
        return (await new WorkerApi(http, name).listSecrets()).map((one) => one.name);
      } catch (error) {
        if (error instanceof Refusal && error.is(...WORKER_ABSENT)) return undefined;
        throw error;
      }
    }),
  );
}
