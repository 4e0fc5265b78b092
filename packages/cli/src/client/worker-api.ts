/** The operations on one Worker that Corral and Cloudflare both have. Every method throws Refusal or Failure. */
import type { JsonObject, Redacted } from "@corral/base";
import { type ApiAnswer, asObject, type HttpClient } from "./http-client.ts";
import { multipart } from "./multipart.ts";
import { Refusal, SECRET_ABSENT, WORKER_ABSENT } from "./refusal.ts";
import {
  type BindingInfo,
  type DeploymentInfo,
  items,
  readBinding,
  readDeployment,
  readVersion,
  type ShareInfo,
  text,
  type VersionInfo,
} from "./shapes.ts";

/** null deletes. */
export type SecretChanges = ReadonlyMap<string, Redacted | null>;

export interface Annotations {
  readonly message?: string | undefined;
  readonly tag?: string | undefined;
}

export class WorkerApi {
  readonly http: HttpClient;
  readonly worker: string;
  readonly #script: string;
  readonly #beta: string;

  constructor(http: HttpClient, worker: string) {
    this.http = http;
    this.worker = worker;
    this.#script = `/workers/scripts/${encodeURIComponent(worker)}`;
    this.#beta = `/workers/workers/${encodeURIComponent(worker)}`;
  }

  async listSecrets(): Promise<BindingInfo[]> {
    const { result } = await this.http.request({ method: "GET", path: `${this.#script}/secrets` });
    return items(result)
      .flatMap((one) => readBinding(one) ?? [])
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async putSecret(name: string, value: Redacted): Promise<void> {
    this.http.sent.push(value);
    const json = { name, text: value.reveal(), type: "secret_text" };
    await this.http.request({ method: "PUT", path: `${this.#script}/secrets`, json });
  }

  async deleteSecret(name: string): Promise<void> {
    const path = `${this.#script}/secrets/${encodeURIComponent(name)}`;
    try {
      await this.http.request({ method: "DELETE", path, query: { url_encoded: "true" } });
    } catch (error) {
      // The first answer was lost, and the secret is gone: that is what was asked for.
      if (!(error instanceof Refusal && error.is(SECRET_ABSENT) && error.attempts > 1)) throw error;
    }
  }

  /** One version and one deployment for all of it. */
  async patchSecrets(changes: SecretChanges): Promise<void> {
    const secrets = this.#secretBody(changes, (name, value) => ({ name, text: value, type: "secret_text" }));
    const contentType = "application/merge-patch+json";
    await this.http.request({ method: "PATCH", path: `${this.#script}/secrets-bulk`, contentType, json: { secrets } });
  }

  /** A version made from the newest one, not deployed. */
  async patchLatestVersion(changes: SecretChanges, notes: Annotations): Promise<{ readonly id: string }> {
    const json = {
      env: this.#secretBody(changes, (_name, value) => ({ type: "secret_text", text: value })),
      annotations: annotations(notes),
    };
    const contentType = "application/merge-patch+json";
    const { result } = await this.http.request({ method: "PATCH", path: `${this.#beta}/versions/latest`, contentType, json });
    return { id: text(asObject(result)?.["id"]) ?? "" };
  }

  /** An empty Worker that holds secrets until its code is deployed (wire.md 9). */
  async createDraft(): Promise<void> {
    const metadata = { main_module: this.worker, bindings: [], logpush: false };
    const bytes = Buffer.from("export default { fetch() {} }");
    const contentType = "application/javascript+module";
    const body = multipart(metadata, [{ name: this.worker, contentType, bytes }]);
    await this.http.request({ method: "PUT", path: this.#script, query: { excludeScript: "true" }, body });
  }

  async upload(kind: "script" | "version", body: { bytes: Uint8Array; contentType: string }): Promise<ApiAnswer> {
    const query = { excludeScript: "true", bindings_inherit: "strict" };
    if (kind === "script") return this.http.request({ method: "PUT", path: this.#script, query, body });
    return this.http.request({ method: "POST", path: `${this.#script}/versions`, query, body });
  }

  async delete(force: boolean): Promise<void> {
    const path = `/workers/services/${encodeURIComponent(this.worker)}`;
    await this.http.request({ method: "DELETE", path, query: { force: String(force) } });
  }

  /** Who refers to it: `{services: {incoming: […]}}`; undefined where the server does not tell. */
  async references(): Promise<JsonObject | undefined> {
    return this.#ifThere(
      async () => asObject((await this.http.request({ method: "GET", path: `${this.#script}/references` })).result) ?? {},
    );
  }

  /** undefined: there is no such Worker. */
  async service(): Promise<JsonObject | undefined> {
    return this.#ifThere(async () => {
      const { result } = await this.http.request({ method: "GET", path: `/workers/services/${encodeURIComponent(this.worker)}` });
      return asObject(result) ?? {};
    });
  }

  async listVersions(deployable = false): Promise<VersionInfo[]> {
    const query: Record<string, string> = deployable ? { deployable: "true" } : {};
    const { result } = await this.http.request({ method: "GET", path: `${this.#script}/versions`, query });
    return items(asObject(result)?.["items"]).flatMap((one) => readVersion(one) ?? []);
  }

  async getVersion(id: string): Promise<VersionInfo | undefined> {
    const { result } = await this.http.request({ method: "GET", path: `${this.#script}/versions/${encodeURIComponent(id)}` });
    return readVersion(result);
  }

  /** Newest first; the first is the active one. */
  async listDeployments(): Promise<DeploymentInfo[]> {
    const { result } = await this.http.request({ method: "GET", path: `${this.#script}/deployments` });
    return items(asObject(result)?.["deployments"]).flatMap((one) => readDeployment(one) ?? []);
  }

  async createDeployment(
    shares: readonly ShareInfo[],
    message: string | undefined,
    force = false,
  ): Promise<{ readonly id: string }> {
    const json = {
      strategy: "percentage",
      versions: shares.map((one) => ({ version_id: one.versionId, percentage: one.percentage })),
      annotations: annotations({ message }),
    };
    const query: Record<string, string> = force ? { force: "true" } : {};
    const answer = await this.http.request({ method: "POST", path: `${this.#script}/deployments`, query, json });
    return { id: text(asObject(answer.result)?.["id"]) ?? "" };
  }

  /** The modules of a version, as they were uploaded. */
  async content(
    id: string,
  ): Promise<{ readonly contentType: string; readonly entrypoint: string | undefined; readonly bytes: Uint8Array }> {
    const answer = await this.http.download({ method: "GET", path: `${this.#script}/content/v2`, query: { version: id } });
    return {
      contentType: answer.header("content-type") ?? "application/javascript",
      entrypoint: answer.header("cf-entrypoint"),
      bytes: answer.body,
    };
  }

  async patchScriptSettings(settings: Readonly<Record<string, unknown>>): Promise<void> {
    await this.http.request({ method: "PATCH", path: `${this.#script}/script-settings`, json: settings });
  }

  async putSchedules(crons: readonly string[]): Promise<void> {
    await this.http.request({ method: "PUT", path: `${this.#script}/schedules`, json: crons.map((cron) => ({ cron })) });
  }

  /** Whether the Worker answers on its own host name, and its preview versions on theirs. */
  async putSubdomain(settings: { enabled: boolean; previews_enabled?: boolean }): Promise<JsonObject> {
    const { result } = await this.http.request({ method: "POST", path: `${this.#script}/subdomain`, json: settings });
    return asObject(result) ?? {};
  }

  /** The new API's object, which may carry the Worker's URL; undefined where there is none. */
  async betaWorker(): Promise<JsonObject | undefined> {
    return this.#ifThere(async () => asObject((await this.http.request({ method: "GET", path: this.#beta })).result) ?? {});
  }

  async #ifThere<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof Refusal && (error.is(...WORKER_ABSENT, 7003) || error.status === 404)) return undefined;
      throw error;
    }
  }

  #secretBody<T>(changes: SecretChanges, render: (name: string, value: string) => T): Record<string, T | null> {
    const body: Record<string, T | null> = {};
    for (const [name, value] of changes) {
      if (value !== null) this.http.sent.push(value);
      body[name] = value === null ? null : render(name, value.reveal());
    }
    return body;
  }
}

export function annotations(notes: Annotations): Record<string, string> {
  return {
    ...(notes.message === undefined ? {} : { "workers/message": notes.message }),
    ...(notes.tag === undefined ? {} : { "workers/tag": notes.tag }),
  };
}

/** Names of the account's Workers, for near-miss hints and `corral list`. */
export async function listWorkers(http: HttpClient): Promise<JsonObject[]> {
  const { result } = await http.request({ method: "GET", path: "/workers/scripts" });
  return items(result)
    .map((one) => asObject(one))
    .filter((one) => one !== undefined);
}
