/** Refusals that have a cause and a way out, told with both (messages.md). What is not here is printed as it came. */
import { nearest } from "../args/near.ts";
import { listWorkers, type WorkerApi } from "../client/worker-api.ts";
import { NAME_TAKEN, Refusal, SECRET_ABSENT, VALUE_TOO_LARGE, VERSION_NOT_DEPLOYED, WORKER_ABSENT } from "../client/refusal.ts";
import { Failure } from "../output/errors.ts";
import { ago, grouped } from "../output/words.ts";
import { sameTarget, type TargetArgs } from "./target.ts";

/** What the refused edit was, as far as hints need it. */
export interface Edit {
  readonly api: WorkerApi;
  readonly args: TargetArgs;
  /** The same edit without deploying, after `corral `. */
  readonly alternative?: string;
  /** The secret's name, where there is one. */
  readonly secret?: string;
  /** Sizes of the values sent, by name. */
  readonly sizes?: ReadonlyMap<string, number>;
  /** Whether the command can make a draft Worker. */
  readonly creates?: boolean;
}

/** Answers the error to throw instead. */
export async function explain(error: unknown, edit: Edit): Promise<unknown> {
  if (!(error instanceof Refusal)) return error;
  const details = { code: error.code, requestId: error.requestId };
  if (error.is(...WORKER_ABSENT)) return workerAbsent(edit.api, edit.creates === true, error.requestId);
  if (error.is(...VERSION_NOT_DEPLOYED)) return notDeployed(edit, details);
  if (error.is(SECRET_ABSENT) && edit.secret !== undefined) return secretAbsent(edit.api, edit.secret, error.requestId);
  if (error.is(NAME_TAKEN)) return nameTaken(edit, error, details);
  if (error.is(VALUE_TOO_LARGE)) return tooLarge(edit, error, details);
  return error;
}

export async function workerAbsent(api: WorkerApi, creates: boolean, requestId?: string): Promise<Failure> {
  const near = nearest(api.worker, await namesOrNone(async () => (await listWorkers(api.http)).map((one) => one["id"])));
  const hints = near.length === 0 ? [] : [`There is: ${near.join(", ")}`];
  hints.push(
    creates ? "To create it and add the secrets to it: --create" : "Deploy it first, or check --name, --env and the account.",
  );
  return new Failure(`Worker "${api.worker}" not found.`, { hints, code: WORKER_ABSENT[0], requestId });
}

export async function secretAbsent(api: WorkerApi, name: string, requestId?: string): Promise<Failure> {
  const near = nearest(name, await namesOrNone(async () => (await api.listSecrets()).map((one) => one.name)));
  const hints = near.length === 0 ? [`All names: corral secret list`] : [`There is: ${near.join(", ")}`];
  return new Failure(`There is no secret ${name} on the Worker "${api.worker}".`, { hints, code: SECRET_ABSENT, requestId });
}

/** Which version is in the way, whose it is, and what helps. */
async function notDeployed(edit: Edit, details: { code: number; requestId: string | undefined }): Promise<Failure> {
  const message =
    "Secret edit failed. You attempted to modify a secret, but the latest version of your Worker isn't currently deployed.";
  const flags = sameTarget(edit.args);
  const hints: string[] = [];
  let newest: string | undefined;
  try {
    const [versions, deployments] = await Promise.all([edit.api.listVersions(), edit.api.listDeployments()]);
    const version = versions[0];
    newest = version?.id;
    const live = (deployments[0]?.versions ?? []).filter((one) => one.versionId !== newest);
    if (version !== undefined) {
      const by = version.author === undefined ? "" : ` by ${version.author}`;
      const what = live.length === 0 ? "nothing" : live.map((one) => `${one.versionId} (${one.percentage}%)`).join(", ");
      hints.push(`Version ${version.id}, uploaded${by} ${ago(version.createdOn)} ago, is newer than what is live: ${what}.`);
    }
  } catch {
    // The hint is a courtesy; the refusal stands without it.
  }
  if (edit.alternative !== undefined) hints.push(`Without deploying: corral ${edit.alternative}${flags}`);
  hints.push(`Deploy it first: corral versions deploy ${newest ?? "<version>"}@100%${flags}`);
  return new Failure(message, { ...details, hints });
}

const kinds: Readonly<Record<string, string>> = { plain_text: "variable", json: "JSON variable", service: "service" };

async function nameTaken(edit: Edit, error: Refusal, details: { code: number; requestId: string | undefined }): Promise<Failure> {
  const named = edit.secret ?? [...(edit.sizes ?? new Map()).keys()].find((name) => error.message.includes(`'${name}'`));
  let bindings: readonly { name: string; type: string }[] = [];
  try {
    bindings = (await edit.api.listVersions())[0]?.bindings ?? [];
  } catch {
    // Then the kind stays unknown.
  }
  const taken = (name: string) => bindings.find((one) => one.name === name && !one.type.startsWith("secret_"));
  const name = named ?? [...(edit.sizes ?? new Map()).keys()].find((one) => taken(one) !== undefined) ?? "given";
  const kind = kinds[taken(name)?.type ?? ""] ?? "binding";
  return new Failure(`The name ${name} is already used by a ${kind} of the Worker "${edit.api.worker}".`, {
    ...details,
    hints: ["Remove it from the config, deploy, then put the secret."],
  });
}

function tooLarge(edit: Edit, error: Refusal, details: { code: number; requestId: string | undefined }): Failure {
  const limit = /limit is ([\d,]+)/.exec(error.message)?.[1]?.replaceAll(",", "") ?? "65536";
  const sizes = [...(edit.sizes ?? new Map<string, number>())];
  const [name, size] = sizes.toSorted(([, a], [, b]) => b - a)[0] ?? ["this secret", 0];
  return new Failure(`The value of ${name} has ${grouped(size)} bytes; the limit is ${grouped(Number(limit))}.`, details);
}

async function namesOrNone(ask: () => Promise<readonly unknown[]>): Promise<string[]> {
  try {
    return (await ask()).filter((name) => typeof name === "string");
  } catch {
    return [];
  }
}
