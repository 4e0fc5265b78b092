/** A configuration file as data, with the place of each entry for error messages. */
import { fromUtf8, type JsonObject, type JsonPosition } from "@corral/base";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { Failure, usage } from "../output/errors.ts";

export interface ConfigSource {
  /** Absolute. */
  readonly file: string;
  /** As messages name it: relative to the working directory where that is shorter. */
  readonly shown: string;
  readonly value: JsonObject;
  /** The place of the value at this path of keys and indices; of the nearest thing around it if it has none. */
  readonly locate: (path: readonly (string | number)[]) => JsonPosition;
}

/** What the readers of the formats answer: the data, or where it is broken. They know nothing of messages or files. */
export type ParsedConfig =
  | { readonly ok: true; readonly value: JsonObject; readonly locate: ConfigSource["locate"] }
  | { readonly ok: false; readonly mistakes: readonly (JsonPosition & { readonly problem: string })[] };

const NAMES = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"] as const;

/** The file that --config names, else the nearest one here or in a folder above; undefined: there is none. */
export async function findConfigSource(cwd: string, named: string | undefined): Promise<ConfigSource | undefined> {
  const file = named === undefined ? findUpwards(cwd) : resolve(cwd, named);
  if (file === undefined) return undefined;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch {
    throw usage(`The config file ${shownPath(cwd, file)} cannot be read.`);
  }
  const shown = shownPath(cwd, file);
  const parsed = await parse(file, bytes);
  if (!parsed.ok) {
    throw configFailure(
      shown,
      parsed.mistakes.map((one) => place(shown, one, one.problem)),
    );
  }
  return { file, shown, value: parsed.value, locate: parsed.locate };
}

async function parse(file: string, bytes: Uint8Array): Promise<ParsedConfig> {
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    return { ok: false, mistakes: [{ line: 1, column: 1, problem: "not UTF-8 text" }] };
  }
  if (text.startsWith("\uFEFF")) text = text.slice(1);
  return file.endsWith(".toml") ? (await import("./toml.ts")).parseToml(text) : (await import("./jsonc.ts")).parseJsonc(text);
}

export function configFailure(shown: string, places: readonly string[]): Failure {
  return new Failure(`The config file ${shown} cannot be used.`, { exitCode: 2, places });
}

export function place(shown: string, at: JsonPosition, problem: string): string {
  return `${shown}:${at.line}:${at.column}  ${problem}`;
}

function findUpwards(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    for (const name of NAMES) {
      const file = join(folder, name);
      if (existsSync(file)) return file;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

export function shownPath(cwd: string, file: string): string {
  const near = relative(cwd, file);
  return near.length < file.length ? near : file;
}
