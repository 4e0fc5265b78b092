/** Going back to a version whose secrets differ from what is live: which ones, and what the user wants (10220). */
import type { Cli } from "../cli.ts";
import { Refusal, SECRETS_CHANGED } from "../client/refusal.ts";
import { secretNames, type ShareInfo, type VersionInfo } from "../client/shapes.ts";
import type { WorkerApi } from "../client/worker-api.ts";
import { Declined, usage } from "../output/errors.ts";

export interface SecretDifference {
  readonly name: string;
  /** As seen from what is live: the target adds it, removes it, or has another value. */
  readonly kind: "changed" | "added" | "removed";
}

/** Names from both versions; which values differ only the server knows, and says it in a sentence. */
export function differences(target: VersionInfo, live: VersionInfo | undefined, message: string): SecretDifference[] {
  const then = new Set(secretNames(target));
  const now = new Set(live === undefined ? [] : secretNames(live));
  const named = namesIn(message, [...new Set([...then, ...now])]);
  const found: SecretDifference[] = [];
  for (const name of [...new Set([...then, ...now])].toSorted()) {
    if (!now.has(name)) found.push({ name, kind: "added" });
    else if (!then.has(name)) found.push({ name, kind: "removed" });
    else if (named.has(name)) found.push({ name, kind: "changed" });
  }
  return found;
}

const BEFORE_NAMES = "The following secrets have changed: ";

/** Reads the list at the sentence's end by the names that can be in it: a name may hold a comma itself. */
function namesIn(message: string, candidates: readonly string[]): Set<string> {
  const start = message.indexOf(BEFORE_NAMES);
  const longestFirst = candidates.toSorted((a, b) => b.length - a.length);
  const found = new Set<string>();
  let rest = start < 0 ? "" : message.slice(start + BEFORE_NAMES.length);
  while (rest !== "") {
    const name = longestFirst.find((one) => rest === one || rest.startsWith(`${one}, `) || rest === `${one}.`);
    if (name !== undefined) found.add(name);
    const skip = name === undefined ? rest.indexOf(", ") : name.length;
    rest = skip < 0 ? "" : rest.slice(skip).replace(/^(, |\.$)/, "");
  }
  return found;
}

export function tellDifferences(found: readonly SecretDifference[], cli: Cli): void {
  cli.out.say("The following secrets differ from what is live:");
  const width = Math.max(...found.map((one) => one.name.length));
  for (const one of found) cli.out.say(`  ${one.name.padEnd(width)}  ${one.kind}`);
}

export interface OverSecrets {
  readonly api: WorkerApi;
  readonly shares: readonly ShareInfo[];
  readonly message: string | undefined;
  /** The user said before that the old secrets are meant. */
  readonly allowed: boolean;
}

/** `versions deploy`: asks before it puts older secrets back in front of traffic. */
export async function deployOverSecrets(plan: OverSecrets, cli: Cli): Promise<{ readonly id: string }> {
  const { api, shares, message } = plan;
  try {
    return await api.createDeployment(shares, message, plan.allowed);
  } catch (error) {
    if (!(error instanceof Refusal) || !error.is(SECRETS_CHANGED)) throw error;
    const [first] = shares;
    const [target, live] = await Promise.all([api.getVersion(first?.versionId ?? ""), liveVersion(api)]);
    if (target !== undefined) tellDifferences(differences(target, live, error.message), cli);
    if (!cli.ask.possible) {
      throw usage(
        "The version's secrets differ from what is live: it needs --secrets old when there is no terminal to ask.",
        `The old code with the current secrets: corral rollback ${first?.versionId ?? ""} --secrets current`,
      );
    }
    if (!(await cli.ask.yesNo("Deploy it with its old secrets?", false))) throw new Declined("Nothing was changed.");
    return api.createDeployment(shares, message, true);
  }
}

/** The newest of the live versions, with its bindings. */
export async function liveVersion(api: WorkerApi): Promise<VersionInfo | undefined> {
  const active = (await api.listDeployments())[0]?.versions.filter((one) => one.percentage > 0) ?? [];
  const versions = await Promise.all(active.map(async (one) => api.getVersion(one.versionId)));
  return versions.filter((one) => one !== undefined).toSorted((a, b) => (b.number ?? 0) - (a.number ?? 0))[0];
}
