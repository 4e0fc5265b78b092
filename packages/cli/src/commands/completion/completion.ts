import { defineCommand } from "../../args/flags.ts";
import { usage } from "../../output/errors.ts";
import { table } from "../table.ts";
import { bash, fish, type Completable, zsh } from "./scripts.ts";

const shells = { bash, zsh, fish } as const;

export const completion = defineCommand({
  words: "completion",
  summary: "Print a completion script for bash, zsh or fish",
  positionals: [{ name: "shell", describe: "bash, zsh or fish", required: true }],
  flags: {},
  examples: [
    { does: "bash, in ~/.bashrc", line: 'eval "$(corral completion bash)"' },
    { does: "zsh, in ~/.zshrc after compinit", line: 'eval "$(corral completion zsh)"' },
    { does: "fish", line: "corral completion fish > ~/.config/fish/completions/corral.fish" },
  ],
  async run(_args, [shell = ""], { out }) {
    if (!Object.hasOwn(shells, shell)) throw usage("There is a completion script for: bash, zsh, fish.");
    const commands = await Promise.all(table.map((entry) => entry.load()));
    const list: Completable[] = commands.map((one) => ({
      words: one.words,
      summary: one.summary,
      flags: Object.entries(one.flags)
        .filter(([, flag]) => flag.hidden !== true)
        .map(([name, flag]) => ({ name, describe: flag.describe, takesValue: flag.kind !== "boolean" })),
    }));
    out.verbatim(shells[shell as keyof typeof shells](list));
  },
});
