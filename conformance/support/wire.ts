/** The few answers of the wire that tests read, and calls that are shorter by name. */
import { type RunningCorral, uploadForm } from "@corral/testkit";
import { probe } from "./probe.ts";

export interface WireVersion {
  readonly id: string;
  readonly number: number;
  readonly metadata: { readonly source: string; readonly author_email: string; readonly has_preview: boolean };
  readonly annotations: Readonly<Record<string, string>>;
  readonly resources: {
    readonly bindings: readonly { readonly name: string; readonly type: string }[];
    readonly script: { readonly etag: string };
  };
}

export interface WireDeployment {
  readonly id: string;
  readonly source: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly versions: readonly { readonly version_id: string; readonly percentage: number }[];
}

const script = (worker: string): string => `/workers/scripts/${worker}`;

/** Newest first. */
export async function listVersions(corral: RunningCorral, worker: string): Promise<readonly WireVersion[]> {
  return (await corral.must<{ items: readonly WireVersion[] }>("GET", `${script(worker)}/versions`)).items;
}

export async function newestVersion(corral: RunningCorral, worker: string): Promise<WireVersion> {
  const [newest] = await listVersions(corral, worker);
  if (newest === undefined) throw new Error(`${worker} has no versions`);
  return newest;
}

/** Newest first; the first one is active. */
export async function listDeployments(corral: RunningCorral, worker: string): Promise<readonly WireDeployment[]> {
  return (await corral.must<{ deployments: readonly WireDeployment[] }>("GET", `${script(worker)}/deployments`)).deployments;
}

/** Names of the newest version's secrets. */
export async function listSecrets(corral: RunningCorral, worker: string): Promise<readonly string[]> {
  const secrets = await corral.must<readonly { name: string }[]>("GET", `${script(worker)}/secrets`);
  return secrets.map(({ name }) => name);
}

export async function putSecret(corral: RunningCorral, worker: string, name: string, text: string): Promise<void> {
  await corral.must("PUT", `${script(worker)}/secrets`, { name, text, type: "secret_text" });
}

/** PUT S: uploads and deploys. Returns the version's id. */
export async function putWorker(
  corral: RunningCorral,
  worker: string,
  metadata: object = {},
  code = probe("put"),
): Promise<string> {
  const form = uploadForm({ main_module: "index.js", compatibility_date: "2026-11-01", ...metadata }, [
    { name: "index.js", content: code },
  ]);
  const result = await corral.must<{ deployment_id: string }>("PUT", script(worker), form.body, form.headers);
  return hyphenated(result.deployment_id);
}

/** POST versions: uploads only. */
export async function uploadVersion(
  corral: RunningCorral,
  worker: string,
  metadata: object = {},
  code = probe("uploaded"),
): Promise<string> {
  const form = uploadForm({ main_module: "index.js", compatibility_date: "2026-11-01", ...metadata }, [
    { name: "index.js", content: code },
  ]);
  return (await corral.must<{ id: string }>("POST", `${script(worker)}/versions`, form.body, form.headers)).id;
}

/** PATCH versions/latest: a version with other secrets; null deletes. */
export async function patchVersion(
  corral: RunningCorral,
  worker: string,
  secrets: Readonly<Record<string, string | null>>,
): Promise<string> {
  const env = Object.fromEntries(
    Object.entries(secrets).map(([name, text]) => [name, text === null ? null : { type: "secret_text", text }]),
  );
  return (await corral.must<{ id: string }>("PATCH", `/workers/workers/${worker}/versions/latest`, { env })).id;
}

/** POST deployments: version id to per cent. */
export async function deployShares(
  corral: RunningCorral,
  worker: string,
  shares: Readonly<Record<string, number>>,
): Promise<void> {
  const versions = Object.entries(shares).map(([version_id, percentage]) => ({ version_id, percentage }));
  await corral.must("POST", `${script(worker)}/deployments`, { strategy: "percentage", versions });
}

function hyphenated(id: string): string {
  if (id.includes("-")) return id;
  return [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join("-");
}
