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

export const table: readonly Entry[] = [
  entry("secret put", "secretPut", () => import("./secret/put.ts")),
  entry("secret bulk", "secretBulk", () => import("./secret/bulk.ts")),
  entry("secret list", "secretList", () => import("./secret/list.ts")),
  entry("secret delete", "secretDelete", () => import("./secret/delete.ts")),
  entry("versions secret put", "versionsSecretPut", () => import("./versions/secret/put.ts")),
  entry("versions secret bulk", "versionsSecretBulk", () => import("./versions/secret/bulk.ts")),
  entry("versions secret list", "versionsSecretList", () => import("./versions/secret/list.ts")),
  entry("versions secret delete", "versionsSecretDelete", () => import("./versions/secret/delete.ts")),
  entry("env", "env", () => import("./env.ts")),
];
