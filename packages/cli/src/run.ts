/** From the arguments to the exit code: which command, and its end. */
import { nearest } from "./args/near.ts";
import { Ask } from "./ask/ask.ts";
import { VERSION } from "./client/http-client.ts";
import { type Entry, table } from "./commands/table.ts";
import type { Io } from "./io/io.ts";
import { type ExitCode, exitCodes, usage } from "./output/errors.ts";
import { Output } from "./output/output.ts";
import { runCommand } from "./run-command.ts";

export async function run(io: Io): Promise<ExitCode> {
  const out = new Output(io);
  try {
    return await dispatch(io, out);
  } catch (error) {
    return out.ending(error);
  }
}

async function dispatch(io: Io, out: Output): Promise<ExitCode> {
  const [first] = io.argv;
  if (io.argv.length === 0 || first === "--help" || first === "-h") return showHelp("", io, out);
  if (first === "--version" || first === "-v") {
    out.line(VERSION);
    return exitCodes.done;
  }
  const found = findCommand(io.argv);
  if (found === undefined) return unknownCommand(io, out);
  if (found.rest.includes("--help") || found.rest.includes("-h")) return showHelp(found.entry.words, io, out);
  return runCommand(await found.entry.load(), found.rest, io, out);
}

/** The entry with the most words that the arguments begin with. */
function findCommand(argv: readonly string[]): { readonly entry: Entry; readonly rest: readonly string[] } | undefined {
  let best: { entry: Entry; rest: readonly string[] } | undefined;
  for (const entry of table) {
    const words = entry.words.split(" ");
    if (!words.every((word, index) => argv[index] === word)) continue;
    if (best === undefined || words.length > best.entry.words.split(" ").length) best = { entry, rest: argv.slice(words.length) };
  }
  return best;
}

async function showHelp(words: string, io: Io, out: Output): Promise<ExitCode> {
  const { help } = await import("./commands/help.ts");
  await help.run({}, words === "" ? [] : words.split(" "), { io, out, ask: new Ask(io) });
  return exitCodes.done;
}

/** `corral secret` explains its commands; anything else is a mistake, and is not repeated. */
async function unknownCommand(io: Io, out: Output): Promise<ExitCode> {
  const typed = io.argv.filter((word) => !word.startsWith("-")).slice(0, 3);
  const group = [typed.slice(0, 2).join(" "), typed[0] ?? ""].find((words) =>
    table.some((entry) => entry.words.startsWith(`${words} `)),
  );
  if (group !== undefined && group.split(" ").length === typed.length) {
    await showHelp(group, io, out);
    return io.argv.includes("--help") || io.argv.includes("-h") ? exitCodes.done : exitCodes.usage;
  }
  for (let count = typed.length; count > 0; count -= 1) {
    const near = nearest(
      typed.slice(0, count).join(" "),
      table.map((entry) => entry.words),
    );
    if (near[0] !== undefined) throw usage("There is no such command.", `Did you mean: corral ${near[0]}`);
  }
  throw usage("There is no such command.", "All commands: corral help");
}
