/** A bulk file or standard input, read and checked as a whole: it is good, or every problem in it is told at once. */
import { choice } from "../args/flags.ts";
import type { Cli } from "../cli.ts";
import { readFile, readStdin } from "../input/bytes.ts";
import { decodeFile } from "../input/decode.ts";
import { Failure, usage } from "../output/errors.ts";
import type { Entry, Parsed, Problem } from "./entries.ts";
import { parseEnvFile } from "./env-file.ts";
import { parseJsonFile } from "./json-file.ts";
import { isTracked } from "./git-index.ts";
import { resolve } from "node:path";

export type InputFormat = "json" | "env";

export const inputFormatFlag = {
  "input-format": choice(["json", "env"], "the format of the input (default: JSON if it looks like it, else .env)"),
};

export interface BulkInput {
  readonly path: string | undefined;
  readonly format: InputFormat | undefined;
  readonly anyName: boolean;
}

/** Throws Failure with all problems; nothing of the content is in it. */
export async function readBulk(input: BulkInput, cli: Cli): Promise<readonly Entry[]> {
  const { path } = input;
  const fromStdin = path === undefined || path === "-";
  if (fromStdin && cli.io.terminal.stdin) throw usage("Give a file, or pipe the secrets in.", "corral secret bulk secrets.json");
  const shown = fromStdin ? "standard input" : `"${path}"`;
  const bytes = fromStdin ? await readStdin(cli.io) : readFile(cli.io, path, `The file ${shown}`);
  const decoded = decodeFile(bytes);
  if (decoded === "not-utf8") throw new Failure(`The contents of ${shown} is not UTF-8 text.`);
  if (decoded === "nul") throw new Failure(`The contents of ${shown} has a NUL character in it.`);
  if (decoded === "empty" || decoded.text.trim() === "") throw noContent(shown);
  const { text } = decoded;
  const format = input.format ?? formatOf(text, path);
  const parsed = format === "json" ? parseJsonFile(text, input.anyName) : parseEnvFile(text, input.anyName);
  const entries = accept(parsed, format, shown, fromStdin ? "standard input" : path);
  if (!fromStdin && isTracked(resolve(cli.io.cwd, path))) {
    cli.out.note(
      `"${path}" is tracked by git. Secrets do not belong in a repository; add it to .gitignore and rotate these values.`,
    );
  }
  return entries;
}

/** One format is tried and no other: broken JSON read as .env lines makes secrets of its brackets. */
function formatOf(text: string, path: string | undefined): InputFormat {
  const first = text.trimStart()[0];
  return first === "{" || first === "[" || path?.endsWith(".json") === true ? "json" : "env";
}

function accept(parsed: Parsed, format: InputFormat, shown: string, file: string): readonly Entry[] {
  const places = parsed.problems.map((one) => placeOf(one, file));
  if (parsed.kind === "broken") {
    const kind = format === "json" ? "valid JSON" : "a valid .env file";
    const hint =
      format === "json"
        ? "Validate the JSON, or use .env format: NAME=value"
        : 'One NAME=value per line, or JSON: {"NAME": "value"}';
    throw new Failure(`The contents of ${shown} is not ${kind}.`, { places, hints: [hint] });
  }
  if (places.length > 0)
    throw new Failure(`${places.length} entries in ${shown} cannot be used; nothing was changed.`, { places });
  if (parsed.entries.length === 0) throw noContent(shown);
  return parsed.entries;
}

function placeOf({ line, column, problem }: Problem, file: string): string {
  return `${file}:${line}${column === undefined ? "" : `:${column}`}  ${problem}`;
}

function noContent(shown: string): Failure {
  return new Failure(`No content found in ${shown}.`);
}
