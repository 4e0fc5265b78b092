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
  entry("secret destroy", "secretDestroy", () => import("./secret/destroy.ts")),
  entry("versions secret put", "versionsSecretPut", () => import("./versions/secret/put.ts")),
  entry("versions secret bulk", "versionsSecretBulk", () => import("./versions/secret/bulk.ts")),
  entry("versions secret list", "versionsSecretList", () => import("./versions/secret/list.ts")),
  entry("versions secret delete", "versionsSecretDelete", () => import("./versions/secret/delete.ts")),
  entry("versions upload", "versionsUpload", () => import("./versions/upload.ts")),
  entry("versions list", "versionsList", () => import("./versions/list.ts")),
  entry("versions view", "versionsView", () => import("./versions/view.ts")),
  entry("versions deploy", "versionsDeploy", () => import("./versions/deploy.ts")),
  entry("deploy", "deploy", () => import("./deploy/deploy.ts")),
  entry("deployments list", "deploymentsList", () => import("./deployments/list.ts")),
  entry("deployments status", "deploymentsStatus", () => import("./deployments/status.ts")),
  entry("rollback", "rollback", () => import("./rollback.ts")),
  entry("list", "listCommand", () => import("./list.ts")),
  entry("status", "status", () => import("./status.ts")),
  entry("types", "types", () => import("./types.ts")),
  entry("delete", "deleteCommand", () => import("./delete.ts")),
  entry("init", "init", () => import("./init.ts")),
  entry("whoami", "whoami", () => import("./whoami.ts")),
  entry("env", "env", () => import("./env.ts")),
  entry("up", "up", () => import("./up.ts")),
  entry("completion", "completion", () => import("./completion/completion.ts")),
  entry("help", "help", () => import("./help.ts")),
];
