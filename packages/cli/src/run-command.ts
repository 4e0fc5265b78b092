/** One command, once it is known which. The published package starts the most used ones here, without the table of all. */
import { parseArguments } from "./args/parse.ts";
import type { Command } from "./args/flags.ts";
import { Ask } from "./ask/ask.ts";
import type { Io } from "./io/io.ts";
import { type ExitCode, exitCodes } from "./output/errors.ts";
import { Output } from "./output/output.ts";

/** `words` are the arguments after the command's own. */
export async function runAlone(command: Command, words: readonly string[], io: Io): Promise<ExitCode> {
  const out = new Output(io);
  try {
    return await runCommand(command, words, io, out);
  } catch (error) {
    return out.ending(error);
  }
}

/** Throws what the command throws. */
export async function runCommand(command: Command, words: readonly string[], io: Io, out: Output): Promise<ExitCode> {
  out.command = command.words;
  // Known before parsing, so that a refused command line is answered in the form that was asked for.
  out.json = words.includes("--json");
  const { values, positionals } = parseArguments(words, command);
  out.json = values["json"] === true || values["format"] === "json";
  return (await command.run(values, positionals, { io, out, ask: new Ask(io) })) ?? exitCodes.done;
}
