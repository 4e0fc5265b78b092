/** One upload: the project, its secrets, and the metadata around them (wire.md 5.3). */
import type { Cli } from "../../cli.ts";
import { multipart } from "../../client/multipart.ts";
import { annotations, type WorkerApi } from "../../client/worker-api.ts";
import type { Config } from "../../config/config.ts";
import { openTarget, workerName } from "../target.ts";
import { loadConfig } from "../../config/config.ts";
import { chosenEnvironment } from "../target.ts";
import type { UploadArgs } from "./flags.ts";
import { readProject, type ProjectUpload } from "./project.ts";
import { checkReplaced, checkRequired, planSecrets, readSecretsFile, storedSecrets } from "./secrets.ts";

export interface PreparedUpload {
  readonly api: WorkerApi;
  readonly worker: string;
  readonly config: Config | undefined;
  readonly project: ProjectUpload;
  readonly body: { readonly bytes: Uint8Array; readonly contentType: string };
}

/** undefined: it was a dry run. */
export async function prepareUpload(script: string | undefined, args: UploadArgs, cli: Cli): Promise<PreparedUpload | undefined> {
  if (args["dry-run"] === true) return dryRun(script, args, cli);
  const { api, worker, config } = await openTarget(args, cli);
  const file = await readSecretsFile(args, cli);
  const stored = await storedSecrets(api);
  checkRequired(config, stored, file);
  const project = await readProject(script, args, config, cli);
  const taken = new Set(project.bindings.map((one) => one.name));
  await checkReplaced([...taken], stored, args, cli);
  const keepVars = args["keep-vars"] ?? config?.keepVars ?? false;
  const secrets = planSecrets(config, stored, file, keepVars, taken, api);
  const metadata = {
    ...(project.bundle.syntax === "module" ? { main_module: project.bundle.main } : { body_part: project.bundle.main }),
    bindings: [...project.bindings, ...secrets.bindings],
    keep_bindings: secrets.keep,
    compatibility_date: project.compatibilityDate,
    compatibility_flags: project.compatibilityFlags,
    annotations: annotations(args),
    ...defined({
      limits: config?.limits,
      placement: config?.placement,
      observability: config?.observability,
      logpush: config?.logpush,
      tail_consumers: config?.tailConsumers,
    }),
  };
  return { api, worker, config, project, body: multipart(metadata, project.files) };
}

/** Bundles and reads everything, contacts nobody. */
async function dryRun(script: string | undefined, args: UploadArgs, cli: Cli): Promise<undefined> {
  const config = await loadConfig(cli.io.cwd, args.config, chosenEnvironment(args, cli));
  const worker = workerName(args, config, cli);
  const file = await readSecretsFile(args, cli);
  const project = await readProject(script, args, config, cli);
  const bindings = project.bindings.map(({ name, type }) => ({ name, type: String(type) }));
  const secrets = file.map((one) => ({ name: one.name, change: one.value === null ? "delete" : "set" }));
  for (const one of bindings) cli.out.line(`Binding: ${one.name} (${one.type})`);
  for (const one of secrets) cli.out.line(`Secret: ${one.name} (${one.change})`);
  cli.out.line(`Would upload "${worker}".`);
  cli.out.document({ worker, dry_run: true, bytes: project.size, bindings, secrets });
  return undefined;
}

/** Without the keys that have no value. */
export function defined(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
