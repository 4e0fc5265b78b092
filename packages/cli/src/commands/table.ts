/** Every command and where it lives; a command's module is loaded when it is called. */
import type { Command } from "../args/flags.ts";

export interface Entry {
  readonly words: string;
  load(): Promise<Command>;
}

/** A command as the table keeps it: its flags' types matter to its own handler only. */
function entry<K extends string>(words: string, name: K, load: () => Promise<Readonly<Record<K, unknown>>>): Entry {
  return { words, load: async () => (await load())[name] as Command };
}

export const table: readonly Entry[] = [entry("env", "env", () => import("./env.ts"))];
