import { defineCommand } from "../args/flags.ts";
import type { Command, Flag } from "../args/flags.ts";
import { VERSION } from "../client/http-client.ts";
import type { Output } from "../output/output.ts";
import { usage } from "../output/errors.ts";
import { table } from "./table.ts";

export const help = defineCommand({
  words: "help",
  summary: "Explain a command, with examples",
  positionals: [{ name: "command", describe: "the command's words", many: true }],
  flags: {},
  examples: [{ does: "One command", line: "corral help secret put" }],
  async run(_args, words, { out }) {
    const wanted = words.join(" ");
    const found = table.filter((entry) => entry.words === wanted || entry.words.startsWith(`${wanted} `) || wanted === "");
    if (found.length === 0) throw usage("There is no such command.", "All commands: corral help");
    const commands = await Promise.all(found.map((entry) => entry.load()));
    const only = commands.find((one) => one.words === wanted);
    if (only !== undefined && commands.length === 1) printCommand(only, out);
    else printOverview(commands, out);
  },
});

export function printOverview(commands: readonly Command[], out: Output): void {
  const width = Math.max(...commands.map((one) => one.words.length)) + 2;
  out.line(`corral ${VERSION}\n`);
  for (const one of commands) out.line(`  corral ${one.words.padEnd(width)}${one.summary}`);
  out.line("\nExplain one, with examples: corral help secret put");
  out.line("Exit codes: 0 done, 1 failed, 2 wrong usage, 3 declined, 130 interrupted");
}

export function printCommand(command: Command, out: Output): void {
  const positionals = command.positionals.map((one) => {
    const name = one.many === true ? `${one.name}…` : one.name;
    return one.required === true ? `<${name}>` : `[${name}]`;
  });
  out.line(`${command.summary}.\n`);
  out.line(`  ${["corral", command.words, ...positionals, "[options]"].join(" ")}\n`);
  if (command.details !== undefined) out.line(`${command.details}\n`);
  const rows: (readonly [string, string])[] = [
    ...command.positionals.map((one): [string, string] => [one.name, one.describe]),
    ...Object.entries(command.flags)
      .filter(([, flag]) => flag.hidden !== true)
      .map(([name, flag]): [string, string] => [flagUsage(name, flag), flag.describe]),
  ];
  const width = Math.max(0, ...rows.map(([left]) => left.length)) + 2;
  for (const [left, right] of rows) out.line(`  ${left.padEnd(width)}${right}`);
  if (command.document !== undefined) out.line(`\n--json prints ${command.document}`);
  if (command.examples.length > 0) out.line("\nExamples:");
  for (const one of command.examples) out.line(`  # ${one.does}\n  ${one.line}`);
}

function flagUsage(name: string, flag: Flag): string {
  const short = flag.short === undefined ? "" : `-${flag.short}, `;
  return `${short}--${name}${flag.kind === "boolean" ? "" : ` <${flag.placeholder}>`}`;
}
