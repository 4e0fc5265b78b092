import type { Cli } from "../../cli.ts";
import { defineCommand } from "../../args/flags.ts";
import { asObject } from "../../client/http-client.ts";
import { text } from "../../client/shapes.ts";
import type { WorkerApi } from "../../client/worker-api.ts";
import { Declined, Failure, usage } from "../../output/errors.ts";
import { withProgress } from "../../output/progress.ts";
import { duration } from "../../output/words.ts";
import { explain } from "../explain.ts";
import { waitFlag, waitLive } from "../wait.ts";
import { type UploadArgs, uploadFlags } from "./flags.ts";
import { explainInherit } from "./secrets.ts";
import { defined, type PreparedUpload, prepareUpload } from "./upload.ts";
import { workerUrl } from "./url.ts";

export const deploy = defineCommand({
  words: "deploy",
  summary: "Bundle a Worker, upload it, and give it all the traffic",
  details:
    "Secrets that are stored stay. ES modules and service-worker syntax, TypeScript, wasm, text and data files, source maps.",
  document: "{worker, version_id, deployment_id, url, live}; with --dry-run {worker, dry_run, bytes, bindings, secrets}",
  positionals: [{ name: "script", describe: "the entry file (default: the config's main)" }],
  flags: { ...uploadFlags, ...waitFlag },
  examples: [
    { does: "As the config says", line: "corral deploy" },
    { does: "Code and secrets in one version", line: "corral deploy --secrets-file secrets.json" },
    { does: "See what would be uploaded", line: "corral deploy --dry-run --outdir dist" },
  ],
  async run(args, [script], cli) {
    const prepared = await prepareUpload(script, args, cli);
    if (prepared === undefined) return;
    const { api, worker, config } = prepared;
    const start = cli.io.now();
    try {
      const there = await api.service();
      if (there !== undefined) await confirmSplit(api, args, cli);
      const done = await withProgress(cli, "Uploading", there === undefined ? first(prepared) : again(prepared, args));
      cli.out.line(`Uploaded ${worker} (${duration(cli.io.now() - start)})`);
      await applySettings(prepared, cli);
      const url = await workerUrl(api, cli);
      cli.out.line(`Deployed ${worker}`);
      if (url !== undefined && config?.workersDev !== false) cli.out.line(`  ${url}`);
      cli.out.line(`Current Version ID: ${done.versionId}`);
      const live = await waitLive(api, args.wait, cli);
      cli.out.document({ worker, version_id: done.versionId, deployment_id: done.deploymentId, url, live });
      cli.out.event("deploy", { worker_name: worker, version_id: done.versionId, targets: url === undefined ? [] : [url] });
    } catch (error) {
      throw await explain(explainInherit(error, config), { api, args });
    }
  },
});

interface Done {
  readonly versionId: string;
  readonly deploymentId: string | undefined;
}

async function first({ api, body }: PreparedUpload): Promise<Done> {
  const result = asObject((await api.upload("script", body)).result);
  const id = text(result?.["deployment_id"]) ?? "";
  const versionId = /^[0-9a-f]{32}$/.test(id) ? id.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-") : id;
  return { versionId, deploymentId: undefined };
}

async function again({ api, body }: PreparedUpload, args: UploadArgs): Promise<Done> {
  const result = asObject((await api.upload("version", body)).result);
  const versionId = text(result?.["id"]);
  if (versionId === undefined) throw new Failure("The server did not say which version it made.");
  const deployment = await api.createDeployment([{ versionId, percentage: 100 }], args.message, true);
  return { versionId, deploymentId: deployment.id };
}

/** A rollout under way ends with this deployment. */
async function confirmSplit(api: WorkerApi, args: UploadArgs, cli: Cli): Promise<void> {
  const live = (await api.listDeployments())[0]?.versions ?? [];
  if (live.length < 2) return;
  const split = live.map((one) => `${one.versionId} at ${one.percentage} %`).join(", ");
  const what = `The traffic is divided now (${split}); this deployment gives all of it to the new version.`;
  if (args.strict === true) throw usage(what, "Upload without deploying: corral versions upload");
  cli.out.note(what);
  if (args.yes !== true && cli.ask.possible && !(await cli.ask.yesNo("Go on?", false)))
    throw new Declined("Nothing was changed.");
}

/** Script-level settings, triggers and the host name: what an upload does not carry. */
async function applySettings({ api, config }: PreparedUpload, cli: Cli): Promise<void> {
  if (config === undefined) return;
  const settings = defined({
    observability: config.observability,
    logpush: config.logpush,
    tail_consumers: config.tailConsumers,
  });
  const jobs: Promise<unknown>[] = [];
  if (Object.keys(settings).length > 0) jobs.push(api.patchScriptSettings(settings));
  const enabled = config.workersDev ?? true;
  const previews = config.previewUrls === undefined ? {} : { previews_enabled: config.previewUrls };
  jobs.push(api.putSubdomain({ enabled, ...previews }));
  if (config.crons !== undefined) jobs.push(api.putSchedules(config.crons));
  await Promise.all(jobs);
  if (config.crons !== undefined && config.crons.length > 0) cli.out.line(`  schedule: ${config.crons.join(", ")}`);
}
