/** Which Worker of which account of which server a command is about. */
import { text, yesNo } from "../args/flags.ts";
import type { Cli } from "../cli.ts";
import { chooseAccount } from "../client/account.ts";
import { findEndpoint, isExposed } from "../client/endpoint.ts";
import { HttpClient } from "../client/http-client.ts";
import { WorkerApi } from "../client/worker-api.ts";
import { type Config, loadConfig } from "../config/config.ts";
import { usage } from "../output/errors.ts";

export const configFlags = {
  config: text("file", "the config file (default: wrangler.json, .jsonc or .toml, found upwards)", { short: "c" }),
  env: text("environment", "the environment of the config (default: CLOUDFLARE_ENV)", { short: "e" }),
};

export const targetFlags = {
  name: text("worker", "the Worker's name (default: the config's)"),
  ...configFlags,
  json: yesNo("print a JSON document"),
};

export interface TargetArgs {
  readonly name?: string | undefined;
  readonly env?: string | undefined;
  readonly config?: string | undefined;
}

export interface Target {
  readonly worker: string;
  readonly api: WorkerApi;
  readonly config: Config | undefined;
}

export interface Account {
  readonly http: HttpClient;
  readonly config: Config | undefined;
}

export function chosenEnvironment(args: TargetArgs, cli: Cli): string | undefined {
  return args.env ?? cli.io.env["CLOUDFLARE_ENV"];
}

/** The config and the account; no Worker. */
export async function openAccount(args: TargetArgs, cli: Cli): Promise<Account> {
  const config = await loadConfig(cli.io.cwd, args.config, chosenEnvironment(args, cli));
  return { http: await openHttp(config, cli), config };
}

/** Throws Failure (2) when there is no name. */
export async function openTarget(args: TargetArgs, cli: Cli): Promise<Target> {
  const config = await loadConfig(cli.io.cwd, args.config, chosenEnvironment(args, cli));
  const worker = workerName(args, config, cli);
  const http = await openHttp(config, cli);
  return { worker, api: new WorkerApi(http, worker), config };
}

/** The name that --name, --env and the config give, as wrangler puts them together. */
export function workerName(args: TargetArgs, config: Config | undefined, cli: Cli): string {
  const environment = chosenEnvironment(args, cli);
  const suffix = environment === undefined || environment === "" ? "" : `-${environment}`;
  const worker = args.name === undefined ? config?.name : `${args.name}${suffix}`;
  if (worker === undefined) throw usage("Required Worker name missing. Give it in the config file or with --name W.");
  if (environment === undefined && args.name === undefined && (config?.environments.length ?? 0) > 0) {
    cli.out.note("Several environments are configured and none is chosen; using the top level. Choose with --env.");
  }
  return worker;
}

async function openHttp(config: Config | undefined, cli: Cli): Promise<HttpClient> {
  const endpoint = findEndpoint(cli.io, config?.accountId);
  if (isExposed(endpoint)) cli.out.note(`${endpoint.shownUrl} is reached without TLS: what is sent can be read on its way.`);
  const http = new HttpClient(endpoint, cli.io);
  if (endpoint.accountId === "") endpoint.accountId = await chooseAccount(http, cli);
  return http;
}

/** The options that make another command mean the same Worker. */
export function sameTarget(args: TargetArgs): string {
  const given = [
    ["name", args.name],
    ["env", args.env],
    ["config", args.config],
  ] as const;
  return given.map(([flag, value]) => (value === undefined ? "" : ` --${flag} ${value}`)).join("");
}
