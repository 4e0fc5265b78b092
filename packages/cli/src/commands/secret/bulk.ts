import { defineCommand, yesNo } from "../../args/flags.ts";
import { type BulkSummary, summarize, tellEach, tellPlan } from "../../bulk/changes.ts";
import { inputFormatFlag, readBulk } from "../../bulk/read.ts";
import type { Cli } from "../../cli.ts";
import { Refusal, WORKER_ABSENT } from "../../client/refusal.ts";
import type { WorkerApi } from "../../client/worker-api.ts";
import { anyNameFlag } from "../../input/name.ts";
import { createFlag, withDraft } from "../draft.ts";
import { explain } from "../explain.ts";
import { openTarget, targetFlags } from "../target.ts";
import { waitFlag, waitLive } from "../wait.ts";

export const bulkFlags = {
  ...targetFlags,
  ...inputFormatFlag,
  ...anyNameFlag,
  "dry-run": yesNo("tell what would change, and change nothing"),
};

export const bulkFile = { name: "file", describe: "a JSON or .env file; without one, standard input" };

export const secretBulk = defineCommand({
  words: "secret bulk",
  summary: "Create, replace and delete many secrets at once, and deploy that",
  details:
    'JSON ({"NAME": "value", "OLD": null}; null deletes) or .env lines (NAME=value). All of it is one version and one deployment: everything happens, or nothing.',
  document: "{worker, created: [name], deleted: [name], live}; with --dry-run {create, replace, delete, unchanged: [name]}",
  positionals: [bulkFile],
  flags: { ...bulkFlags, ...createFlag, ...waitFlag },
  examples: [
    { does: "From JSON", line: "corral secret bulk secrets.json" },
    { does: "From .env lines", line: "corral secret bulk .env.production --env production" },
    { does: "See first what would change", line: "corral secret bulk secrets.json --dry-run" },
  ],
  async run(args, [path], cli) {
    const { api, worker } = await openTarget(args, cli);
    const entries = await readBulk({ path, format: args["input-format"], anyName: args["any-name"] === true }, cli);
    const summary = summarize(entries);
    if (args["dry-run"] === true) return planBulk(api, summary, cli);
    cli.out.line(`🌀 Processing the secrets for the Worker "${worker}"`);
    const edit = () => api.patchSecrets(summary.changes);
    try {
      // Nothing to hold in a new Worker if all it does is delete.
      await (summary.created.length === 0 ? edit() : withDraft(api, args.create === true, cli, edit));
      tellEach(summary, cli);
      const live = await waitLive(api, args.wait, cli);
      cli.out.document({ worker, created: summary.created, deleted: summary.deleted, live });
      cli.out.event("secret-bulk", { worker_name: worker, created: summary.created, deleted: summary.deleted });
    } catch (error) {
      const alternative = `versions secret bulk${path === undefined ? "" : ` ${path}`}`;
      throw await explain(error, { api, args, sizes: summary.sizes, creates: summary.created.length > 0, alternative });
    }
  },
});

/** A Worker that is not there has no secrets yet. */
export async function planBulk(api: WorkerApi, summary: BulkSummary, cli: Cli): Promise<void> {
  let existing: string[] = [];
  try {
    existing = (await api.listSecrets()).map((one) => one.name);
  } catch (error) {
    if (!(error instanceof Refusal) || !error.is(...WORKER_ABSENT)) throw error;
    cli.out.note(`Worker "${api.worker}" not found; it would be created.`);
  }
  tellPlan(summary, existing, cli);
}
