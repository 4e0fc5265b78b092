/** Secrets at an upload: those of --secrets-file, those the config requires, and those a variable would replace. */
import type { Entry } from "../../bulk/entries.ts";
import { readBulk } from "../../bulk/read.ts";
import type { Cli } from "../../cli.ts";
import { INHERIT_INVALID, Refusal, WORKER_ABSENT } from "../../client/refusal.ts";
import type { WorkerApi } from "../../client/worker-api.ts";
import type { Config } from "../../config/config.ts";
import { Declined, Failure, usage } from "../../output/errors.ts";
import type { UploadArgs } from "./flags.ts";

export interface SecretPlan {
  readonly bindings: readonly { readonly name: string; readonly [key: string]: unknown }[];
  /** undefined keeps all stored secrets. */
  readonly keep: readonly string[];
}

/** Names of the secrets stored now; none for a Worker that is not there. */
export async function storedSecrets(api: WorkerApi): Promise<string[]> {
  try {
    return (await api.listSecrets()).map((one) => one.name);
  } catch (error) {
    if (error instanceof Refusal && error.is(...WORKER_ABSENT)) return [];
    throw error;
  }
}

export async function readSecretsFile(args: UploadArgs, cli: Cli): Promise<readonly Entry[]> {
  const path = args["secrets-file"];
  return path === undefined ? [] : readBulk({ path, format: args["input-format"], anyName: false }, cli);
}

/** Throws Failure naming every required secret that would be absent, before anything is sent. */
export function checkRequired(config: Config | undefined, stored: readonly string[], file: readonly Entry[]): void {
  const deleted = new Set(file.filter((one) => one.value === null).map((one) => one.name));
  const there = new Set([
    ...stored.filter((name) => !deleted.has(name)),
    ...file.filter((one) => one.value !== null).map((one) => one.name),
  ]);
  const missing = (config?.requiredSecrets ?? []).filter((name) => !there.has(name));
  if (missing.length > 0) throw missingSecrets(missing);
}

export function missingSecrets(names: readonly string[]): Failure {
  return new Failure(`The following required secrets have not been set: ${names.join(", ")}`, {
    code: INHERIT_INVALID,
    hints: [...names.map((name) => `corral secret put ${name}`), "Or in the same upload: --secrets-file"],
  });
}

/** A variable of a stored secret's name would take its place: never without being told so. */
export async function checkReplaced(
  variables: readonly string[],
  stored: readonly string[],
  args: UploadArgs,
  cli: Cli,
): Promise<void> {
  const replaced = variables.filter((name) => stored.includes(name));
  if (replaced.length === 0 || (args.yes === true && args.strict !== true)) return;
  const what = `The config has a variable where a secret is stored, which it would replace: ${replaced.join(", ")}.`;
  if (args.strict === true || !cli.ask.possible) throw usage(what, "Take it out of the config, or say --yes.");
  cli.out.say(what);
  if (!(await cli.ask.yesNo("Replace it?", false))) throw new Declined("Nothing was changed.");
}

/**
 * What the upload says about secrets. Stored ones stay by their type. Deleting some means to name those that stay; a
 * required one is inherited by name, so that the server refuses if it went away meanwhile.
 */
export function planSecrets(
  config: Config | undefined,
  stored: readonly string[],
  file: readonly Entry[],
  keepVars: boolean,
  taken: ReadonlySet<string>,
  api: WorkerApi,
): SecretPlan {
  const set = file.flatMap((one) => {
    if (one.value === null) return [];
    api.http.sent.push(one.value);
    return [{ name: one.name, type: "secret_text", text: one.value.reveal() }];
  });
  const named = new Set([...file.map((one) => one.name), ...taken]);
  const deletes = file.some((one) => one.value === null);
  const inherited = (deletes ? stored : (config?.requiredSecrets ?? [])).filter((name) => !named.has(name));
  const variables = keepVars ? ["plain_text", "json"] : [];
  return {
    bindings: [...set, ...inherited.map((name) => ({ name, type: "inherit" }))],
    keep: deletes ? variables : [...variables, "secret_text", "secret_key"],
  };
}

/** 10057 for names that the config requires. */
export function explainInherit(error: unknown, config: Config | undefined): unknown {
  if (!(error instanceof Refusal) || !error.errors.some((one) => one.code === INHERIT_INVALID)) return error;
  const named = error.errors.flatMap((one) => /^inherit binding '(.+?)' is invalid/.exec(one.message)?.[1] ?? []);
  const required = named.filter((name) => config?.requiredSecrets.includes(name) === true);
  return required.length === 0 ? error : missingSecrets(required);
}
