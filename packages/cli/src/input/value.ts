/** One value, from where the user has it: the prompt, stdin, a file, a variable, a descriptor. Never from the arguments. */
import { Redacted } from "@corral/base";
import { text, yesNo } from "../args/flags.ts";
import type { Cli } from "../cli.ts";
import { Failure, usage } from "../output/errors.ts";
import { readDescriptor, readFile, readStdin } from "./bytes.ts";
import { type Decoded, decodeValue, remarks } from "./decode.ts";
import { promptHidden } from "./prompt.ts";

export const valueFlags = {
  "from-file": text("file", "read the value from a file"),
  "from-env": text("variable", "take the value of an environment variable"),
  fd: text("number", "read the value from an open file descriptor"),
  raw: yesNo("keep every byte, also the line end at the end"),
  "allow-empty": yesNo("accept the empty value"),
};

export interface ValueArgs {
  readonly "from-file"?: string | undefined;
  readonly "from-env"?: string | undefined;
  readonly fd?: string | undefined;
  readonly raw?: boolean | undefined;
  readonly "allow-empty"?: boolean | undefined;
}

export function valueOnCommandLine(): Failure {
  return usage(
    "A secret value does not belong on the command line: it would stay in the shell history and in the process list.",
    "Type it at the prompt: leave the value out",
    "Pipe it in: pass show api-key | corral secret put API_KEY",
    "Or name where it is: --from-file FILE, --from-env VARIABLE",
    "If it was a real value, rotate it, and clear the history (bash: history -d, zsh: fc -p, fish: history delete)",
  );
}

export async function readValue(args: ValueArgs, cli: Cli): Promise<Redacted> {
  const given = [args["from-file"], args["from-env"], args.fd].filter((one) => one !== undefined);
  if (given.length > 1) throw usage("A value comes from one place: --from-file, --from-env or --fd.");
  if (given.length === 0 && cli.ask.possible) return askForValue(args, cli);
  const { bytes, source } = await readBytes(args, cli);
  const decoded = decodeValue(bytes, args.raw === true);
  if (decoded === "not-utf8")
    throw new Failure(`The value from ${source} is not UTF-8 text.`, {
      hints: ["Encode binary values, for example with base64."],
    });
  if (decoded === "nul")
    throw new Failure(`The value from ${source} contains a NUL character.`, {
      hints: ["Encode binary values, for example with base64."],
    });
  if (decoded === "empty") return empty(args, source);
  cli.out.note(report(decoded, source));
  return new Redacted(decoded.text);
}

function report(decoded: Decoded, source: string): string {
  return [`Read ${decoded.bytes} bytes, ${decoded.lines} lines from ${source}`, ...decoded.findings].join("; ");
}

function empty(args: ValueArgs, source: string): Redacted {
  if (args["allow-empty"] === true) return new Redacted("");
  throw new Failure(`No value came from ${source}.`, { hints: ["If the empty value is meant: --allow-empty"] });
}

async function askForValue(args: ValueArgs, cli: Cli): Promise<Redacted> {
  const typed = await promptHidden(cli.io, cli.ask, "Enter a secret value: ");
  const found = remarks(typed.value.reveal());
  if (typed.value.reveal() === "") return empty(args, "the prompt");
  if (typed.dropped) cli.out.note("Only the first line that was pasted is the value. For more lines: --from-file, or a pipe.");
  if (found.length > 0) cli.out.note(`The value ${found.map(asClause).join("; ")}`);
  return typed.value;
}

function asClause(finding: string): string {
  return finding.startsWith("shorter") ? `is ${finding}` : finding;
}

async function readBytes(args: ValueArgs, cli: Cli): Promise<{ bytes: Uint8Array; source: string }> {
  const { "from-file": file, "from-env": variable, fd } = args;
  if (file === "-" || (file === undefined && variable === undefined && fd === undefined)) {
    if (cli.io.terminal.stdin)
      throw usage("There is no terminal to show the prompt on.", "Pipe the value in, or use --from-file.");
    return { bytes: await readStdin(cli.io), source: "stdin" };
  }
  if (file !== undefined) return { bytes: readFile(cli.io, file, "The file that --from-file names"), source: `"${file}"` };
  if (fd !== undefined) {
    if (!/^\d{1,4}$/.test(fd)) throw usage("--fd takes the number of an open file descriptor.");
    return { bytes: readDescriptor(Number(fd), `The file descriptor ${fd}`), source: `file descriptor ${fd}` };
  }
  // A mistyped --from-env may be the value itself, so its name is not repeated.
  const value = variable === undefined ? undefined : cli.io.env[variable];
  if (value === undefined) throw usage("The environment variable that --from-env names is not set.");
  return { bytes: Buffer.from(value), source: `the variable ${variable}` };
}
