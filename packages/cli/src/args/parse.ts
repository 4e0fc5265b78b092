/**
 * Reads the arguments of one command. Nothing that was typed is ever repeated: a mistyped command line may hold the
 * value of a secret. An option we do not know is named only when it is the name of an option of Corral or wrangler.
 */
import { usage } from "../output/errors.ts";
import type { Command, Flag, Flags } from "./flags.ts";
import { nearest } from "./near.ts";

export interface Parsed {
  readonly values: Readonly<Record<string, boolean | string | readonly string[] | undefined>>;
  readonly positionals: readonly string[];
}

export function parseArguments(words: readonly string[], command: Command): Parsed {
  const flags = byName(command.flags);
  const values: Record<string, boolean | string | string[] | undefined> = {};
  for (const [name, flag] of Object.entries(command.flags)) if (flag.kind === "list") values[name] = [];
  const positionals: string[] = [];
  let onlyPositionals = false;

  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (onlyPositionals || word === "-" || !word.startsWith("-")) {
      positionals.push(word);
      continue;
    }
    if (word === "--") {
      onlyPositionals = true;
      continue;
    }
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const inline = equals < 0 ? undefined : word.slice(equals + 1);
    const found = flags.get(name) ?? flags.get(kebab(name)) ?? negated(name, flags);
    if (found === undefined) throw unknownOption(name, at, flags, command);
    if (found.flag.kind === "boolean") {
      values[found.key] = readBoolean(name, inline) !== found.negated;
      continue;
    }
    let value = inline;
    if (value === undefined) {
      at += 1;
      value = words[at];
      if (value === undefined || (value.startsWith("-") && value !== "-" && flags.has(value.split("=", 1)[0] ?? ""))) {
        throw usage(`The option ${name} needs a value.`);
      }
    }
    store(values, found.key, found.flag, name, value);
  }
  checkCount(positionals, command);
  return { values, positionals };
}

interface Found {
  readonly key: string;
  readonly flag: Flag;
  readonly negated: boolean;
}

function byName(flags: Flags): Map<string, Found> {
  const names = new Map<string, Found>();
  for (const [key, flag] of Object.entries(flags)) {
    const found = { key, flag, negated: false };
    for (const name of [key, ...(flag.aliases ?? [])]) names.set(`--${name}`, found);
    if (flag.short !== undefined) names.set(`-${flag.short}`, found);
  }
  return names;
}

/** `--keepVars`, as yargs accepts it. */
function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function negated(name: string, flags: ReadonlyMap<string, Found>): Found | undefined {
  if (!name.startsWith("--no-")) return undefined;
  const found = flags.get(`--${kebab(name.slice(5))}`);
  return found?.flag.kind === "boolean" ? { ...found, negated: true } : undefined;
}

function readBoolean(name: string, inline: string | undefined): boolean {
  if (inline === undefined || inline === "true") return true;
  if (inline === "false") return false;
  throw usage(`The option ${name} takes no value.`);
}

function store(
  values: Record<string, boolean | string | string[] | undefined>,
  key: string,
  flag: Exclude<Flag, { kind: "boolean" }>,
  name: string,
  value: string,
): void {
  if (flag.kind === "list") {
    (values[key] as string[]).push(value);
    return;
  }
  if (flag.choices && !flag.choices.includes(value)) throw usage(`The option ${name} takes one of: ${flag.choices.join(", ")}.`);
  if (values[key] !== undefined) throw usage(`The option ${name} was given twice.`);
  values[key] = value;
}

function unknownOption(name: string, at: number, flags: ReadonlyMap<string, Found>, command: Command): Error {
  const ordinal = `argument ${at + 1} after "corral ${command.words}"`;
  const near = nearest(
    name,
    [...flags].filter(([, found]) => found.flag.hidden !== true).map(([known]) => known),
  );
  const message = foreignFlags.has(kebab(name))
    ? `The option ${kebab(name)} does not belong to "corral ${command.words}".`
    : `There is no such option: ${ordinal}.`;
  const hints = near[0] === undefined ? [] : [`Did you mean ${near[0]}?`];
  return usage(message, ...hints, `All options: corral help ${command.words}`);
}

function checkCount(positionals: readonly string[], command: Command): void {
  const needed = command.positionals.filter((one) => one.required === true);
  const missing = needed[positionals.length];
  if (missing !== undefined) {
    throw usage(`"corral ${command.words}" needs ${missing.describe}.`, `All options: corral help ${command.words}`);
  }
  if (command.positionals.at(-1)?.many === true || positionals.length <= command.positionals.length) return;
  throw command.surplus?.() ?? usage(`Too many arguments for "corral ${command.words}".`, `corral help ${command.words}`);
}

/** Options of other commands and of wrangler: these words are no secret. */
const foreignFlags: ReadonlySet<string> = new Set(
  `account-id alias-name api assets branch bundle chunk-size clean cloudflare-env compatibility-date compatibility-flag compatibility-flags
  config cwd date define deployment-id dispatch-namespace dry-run env env-file env-interface experimental fd force format from-env
  from-file from-stdin help input-format json keep-vars kv-namespaces latest latest-version legacy-env limit local logpush max-versions
  message metafile minify name no-bundle node-compat outdir outfile percentage preview-alias raw remote route routes secrets
  secrets-file shell site strict strict-vars tag temporary triggers tsconfig type types upload-source-maps value var vars verbose version
  version-id version-specs wait yes create any-name allow-empty include-env check include-runtime strict-env path alias`
    .split(/\s+/)
    .map((word) => `--${word}`),
);
