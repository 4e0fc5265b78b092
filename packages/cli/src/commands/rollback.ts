import type { Cli } from "../cli.ts";
import { choice, defineCommand, text } from "../args/flags.ts";
import { carriedBindings, parseContent } from "../client/content.ts";
import { multipart } from "../client/multipart.ts";
import { Refusal, SECRETS_CHANGED } from "../client/refusal.ts";
import { secretNames, text as textOf, type VersionInfo } from "../client/shapes.ts";
import { asObject } from "../client/http-client.ts";
import { annotations, type WorkerApi } from "../client/worker-api.ts";
import { plain } from "../output/blocks.ts";
import { Declined, Failure, usage } from "../output/errors.ts";
import { ago } from "../output/words.ts";
import { differences, liveVersion, tellDifferences } from "./changed-secrets.ts";
import { explain } from "./explain.ts";
import { yesFlag } from "./secret/delete.ts";
import { openTarget, targetFlags } from "./target.ts";
import { findVersion } from "./versions/find.ts";
import { waitFlag, waitLive } from "./wait.ts";

type Secrets = "old" | "current";

export const rollback = defineCommand({
  words: "rollback",
  summary: "Go back to an earlier version",
  details:
    "Without a version: the one that had all the traffic before. If its secrets differ from what is live, it shows which and asks: the old code with its old secrets, or with the current ones (that makes a new version).",
  document: "{worker, version_id, deployment_id, secrets, live}",
  positionals: [{ name: "version", describe: "the version's id, the beginning of it, or its tag" }],
  flags: {
    ...targetFlags,
    message: text("text", "a message for the deployment", { short: "m" }),
    secrets: choice(["old", "current"], "which secrets to use where they differ"),
    ...yesFlag,
    ...waitFlag,
  },
  examples: [
    { does: "To the one before", line: "corral rollback" },
    { does: "In a script, with today's secrets", line: "corral rollback 1a2b3c4d --secrets current --yes" },
  ],
  async run(args, [spec], cli) {
    const { api, worker } = await openTarget(args, cli);
    try {
      const target = spec === undefined ? await previousVersion(api) : await findVersion(api, spec);
      await confirm(target, args.yes, cli);
      const done = await goBack({ api, target, message: args.message, secrets: args.secrets }, cli);
      cli.out.line(`✨ Rolled back "${worker}": ${done.versionId} at 100 %.`);
      const live = await waitLive(api, args.wait, cli);
      cli.out.document({ worker, version_id: done.versionId, deployment_id: done.deploymentId, secrets: done.secrets, live });
      cli.out.event("rollback", { worker_name: worker, version_id: done.versionId, deployment_id: done.deploymentId });
    } catch (error) {
      throw await explain(error, { api, args });
    }
  },
});

/** The version of the newest earlier deployment that gave one version everything. */
async function previousVersion(api: WorkerApi): Promise<VersionInfo> {
  const [active, ...earlier] = await api.listDeployments();
  const now = active?.versions.find((one) => one.percentage === 100)?.versionId;
  const found = earlier
    .flatMap((one) => one.versions.filter((share) => share.percentage === 100))
    .find((share) => share.versionId !== now);
  const version = found === undefined ? undefined : await api.getVersion(found.versionId);
  if (version !== undefined) return version;
  throw new Failure(`There is no earlier version of the Worker "${api.worker}" to go back to.`, {
    hints: ["All of them: corral versions list"],
  });
}

async function confirm(target: VersionInfo, yes: boolean | undefined, cli: Cli): Promise<void> {
  if (yes === true || !cli.ask.possible) return;
  const by = target.author === undefined ? "" : ` by ${plain(target.author)}`;
  const question = `Roll back to version ${target.id}, uploaded${by} ${ago(target.createdOn)} ago?`;
  if (!(await cli.ask.yesNo(question, true))) throw new Declined("Nothing was changed.");
}

interface Plan {
  readonly api: WorkerApi;
  readonly target: VersionInfo;
  readonly message: string | undefined;
  readonly secrets: Secrets | undefined;
}

interface Done {
  readonly versionId: string;
  readonly deploymentId: string;
  /** undefined: they did not differ. */
  readonly secrets: Secrets | undefined;
}

async function goBack(plan: Plan, cli: Cli): Promise<Done> {
  const { api, target, message } = plan;
  const shares = [{ versionId: target.id, percentage: 100 }];
  let secrets = plan.secrets;
  if (secrets !== "current") {
    try {
      const { id } = await api.createDeployment(shares, message, secrets === "old");
      return { versionId: target.id, deploymentId: id, secrets };
    } catch (error) {
      if (!(error instanceof Refusal) || !error.is(SECRETS_CHANGED)) throw error;
      tellDifferences(differences(target, await liveVersion(api), error.message), cli);
      secrets = await chooseSecrets(cli);
    }
  }
  if (secrets === "old") {
    const { id } = await api.createDeployment(shares, message, true);
    return { versionId: target.id, deploymentId: id, secrets };
  }
  const versionId = await oldCodeWithCurrentSecrets(api, target, message);
  const { id } = await api.createDeployment([{ versionId, percentage: 100 }], message);
  return { versionId, deploymentId: id, secrets };
}

async function chooseSecrets(cli: Cli): Promise<Secrets> {
  if (!cli.ask.possible)
    throw usage("The secrets differ: it needs --secrets old or --secrets current when there is no terminal to ask.");
  const chosen = await cli.ask.choose<Secrets | undefined>("Roll back code and secrets (old secrets)? ", [
    { label: "Yes: the old code with its old secrets", value: "old" },
    { label: "The old code with the current secrets, as a new version", value: "current" },
    { label: "Change nothing", value: undefined },
  ]);
  if (chosen === undefined) throw new Declined("Nothing was changed.");
  return chosen;
}

/** A new version from the old one's modules and bindings, with the secrets of what is live. */
async function oldCodeWithCurrentSecrets(api: WorkerApi, target: VersionInfo, message: string | undefined): Promise<string> {
  const [live, [newest], content] = await Promise.all([liveVersion(api), api.listVersions(), api.content(target.id)]);
  const { mainModule, parts } = parseContent(content.contentType, content.entrypoint, content.bytes);
  // Inheritance starts from the newest version; only when that is not the live one does the wire need telling.
  const secretsFrom = live === undefined || live.id === newest?.id ? undefined : live.id;
  const metadata = {
    ...(mainModule === undefined ? { body_part: "script" } : { main_module: mainModule }),
    bindings: carriedBindings(target.bindings, live === undefined ? [] : secretNames(live), secretsFrom),
    keep_bindings: [],
    ...(target.compatibilityDate === undefined ? {} : { compatibility_date: target.compatibilityDate }),
    compatibility_flags: target.compatibilityFlags,
    annotations: annotations({
      message: message ?? `Version ${target.id.slice(0, 8)} with the current secrets`,
      tag: target.tag,
    }),
  };
  const { result } = await api.upload("version", multipart(metadata, parts));
  const id = textOf(asObject(result)?.["id"]);
  if (id === undefined) throw new Failure("The server did not say which version it made.");
  return id;
}
