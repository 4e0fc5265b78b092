/**
 * A server that speaks the wire of wire.md as Cloudflare does, in memory, without any route of Corral's own: what the
 * command line has to get along with. Answers can be made to fail or get lost.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { randomUUID } from "node:crypto";
import { type JsonObject, type JsonValue, parseJson } from "@corral/base";

export interface StoredVersion {
  readonly id: string;
  readonly number: number;
  readonly createdOn: string;
  readonly author: string;
  /** By name; `text` is there for secrets too, and never sent. */
  readonly bindings: ReadonlyMap<string, JsonObject>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly previous: StoredVersion | undefined;
}

export interface StoredDeployment {
  readonly id: string;
  readonly createdOn: string;
  readonly versions: readonly { readonly version_id: string; readonly percentage: number }[];
  readonly annotations: Readonly<Record<string, string>>;
}

export class StoredWorker {
  /** Newest first, both. */
  readonly versions: StoredVersion[] = [];
  readonly deployments: StoredDeployment[] = [];
  settings: JsonObject = {};
  schedules: readonly JsonValue[] = [];

  get newest(): StoredVersion | undefined {
    return this.versions[0];
  }

  version(bindings: ReadonlyMap<string, JsonObject>, annotations: Record<string, string> = {}): StoredVersion {
    const number = this.versions.length + 1;
    const version = {
      id: randomUUID(),
      number,
      createdOn: new Date().toISOString(),
      author: "dev@example.com",
      bindings,
      annotations,
      previous: this.newest,
    };
    this.versions.unshift(version);
    return version;
  }

  deploy(versions: StoredDeployment["versions"], annotations: Record<string, string> = {}): StoredDeployment {
    const deployment = { id: randomUUID(), createdOn: new Date().toISOString(), versions, annotations };
    this.deployments.unshift(deployment);
    return deployment;
  }

  /** The value of a secret in the newest version. */
  secret(name: string): string | undefined {
    const text = this.newest?.bindings.get(name)?.["text"];
    return typeof text === "string" ? text : undefined;
  }
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

class Refused extends Error {
  readonly status: number;
  readonly errors: readonly { readonly code: number; readonly message: string }[];
  constructor(status: number, ...errors: readonly { readonly code: number; readonly message: string }[]) {
    super("refused");
    this.status = status;
    this.errors = errors;
  }
}

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const TOKEN = "fake-token-0123456789";
const absent = () => new Refused(404, { code: 10007, message: "This Worker does not exist on your account." });

/** What the next matching request gets instead of its answer. */
export interface Mishap {
  readonly method: string;
  readonly path: RegExp;
  /** `lost`: done, and the connection breaks before the answer; `drop`: not done, connection broken. */
  readonly kind: "lost" | "drop" | { readonly status: number; readonly body: string; readonly headers?: Record<string, string> };
}

export class FakeCloudflare implements AsyncDisposable {
  readonly workers = new Map<string, StoredWorker>();
  readonly requests: SeenRequest[] = [];
  readonly mishaps: Mishap[] = [];
  /** Called while the client waits for its answer. */
  onRequest: () => void = () => undefined;
  readonly account = ACCOUNT;
  readonly token = TOKEN;
  url = "";
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  static async start(): Promise<FakeCloudflare> {
    const fake = new FakeCloudflare();
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    fake.url = `http://127.0.0.1:${(fake.#server.address() as AddressInfo).port}/client/v4`;
    return fake;
  }

  /** What points a command at it. */
  get env(): Record<string, string> {
    return { CLOUDFLARE_API_BASE_URL: this.url, CLOUDFLARE_API_TOKEN: TOKEN, CLOUDFLARE_ACCOUNT_ID: ACCOUNT };
  }

  /** A deployed Worker with these secrets. */
  worker(name: string, secrets: Readonly<Record<string, string>> = {}, others: readonly JsonObject[] = []): StoredWorker {
    const worker = new StoredWorker();
    this.workers.set(name, worker);
    const bindings = new Map<string, JsonObject>(others.map((one) => [word(one["name"]), one]));
    for (const [key, text] of Object.entries(secrets)) bindings.set(key, { name: key, type: "secret_text", text });
    const version = worker.version(bindings);
    worker.deploy([{ version_id: version.id, percentage: 100 }]);
    return worker;
  }

  changes(): SeenRequest[] {
    return this.requests.filter((one) => one.method !== "GET");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString("latin1");
    const url = new URL(request.url ?? "/", this.url);
    const method = request.method ?? "GET";
    this.requests.push({
      method,
      path: url.pathname + url.search,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    });
    this.onRequest();
    const at = this.mishaps.findIndex((one) => one.method === method && one.path.test(url.pathname));
    const [mishap] = at < 0 ? [] : this.mishaps.splice(at, 1);
    if (mishap?.kind === "drop") return void request.socket.destroy();
    if (typeof mishap?.kind === "object") {
      response
        .writeHead(mishap.kind.status, { "content-type": "application/json", ...mishap.kind.headers })
        .end(mishap.kind.body);
      return;
    }
    const { status, envelope } = this.#answer(request, method, url, body);
    if (mishap?.kind === "lost") return void request.socket.destroy();
    response
      .writeHead(status, { "content-type": "application/json", "cf-ray": "8f0000000000000a" })
      .end(JSON.stringify(envelope));
  }

  #answer(request: IncomingMessage, method: string, url: URL, body: string): { status: number; envelope: unknown } {
    try {
      if (request.headers.authorization !== `Bearer ${TOKEN}`)
        throw new Refused(403, { code: 10000, message: "Authentication error" });
      const result = this.#route(method, url, body);
      return { status: 200, envelope: { success: true, result, errors: [], messages: [] } };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { status: error.status, envelope: { success: false, result: null, errors: error.errors, messages: [] } };
    }
  }

  #route(method: string, url: URL, body: string): unknown {
    const path = url.pathname.replace(/^\/client\/v4/, "");
    if (path === "/accounts") return url.searchParams.get("page") === "1" ? [{ id: ACCOUNT, name: "Fake" }] : [];
    if (path === "/user") return { id: "u", email: "dev@example.com" };
    if (path === "/user/tokens/verify") return { id: "t", status: "active" };
    if (path === "/memberships") return [];
    const inAccount = path.startsWith(`/accounts/${ACCOUNT}/`) ? path.slice(`/accounts/${ACCOUNT}`.length) : undefined;
    if (inAccount === undefined) throw new Refused(404, { code: 7003, message: "No route for the URI" });
    if (inAccount === "/workers/scripts") return [...this.workers].map(([id]) => ({ id, modified_on: "2026-01-01T00:00:00Z" }));
    if (inAccount === "/workers/subdomain") return { subdomain: "fake" };
    const [, kind, rawName = "", rest = ""] = /^\/workers\/(scripts|services|workers)\/([^/]+)(\/.*)?$/.exec(inAccount) ?? [];
    const name = decodeURIComponent(rawName);
    if (kind === "services") return this.#service(method, name);
    if (kind === "workers") return this.#beta(method, name, rest, body);
    if (kind === "scripts") return this.#script(method, name, rest, url, body);
    throw new Refused(404, { code: 7003, message: "No route for the URI" });
  }

  #service(method: string, name: string): unknown {
    if (!this.workers.has(name)) throw new Refused(404, { code: 10090, message: "This service does not exist on your account." });
    if (method === "DELETE") this.workers.delete(name);
    return method === "DELETE" ? null : { id: name, default_environment: { environment: "production", script: {} } };
  }

  #beta(method: string, name: string, rest: string, body: string): unknown {
    const worker = this.workers.get(name);
    if (worker === undefined) throw absent();
    if (rest === "" && method === "GET")
      return { id: "f".repeat(32), name, subdomain: { enabled: true, previews_enabled: true } };
    if (rest !== "/versions/latest" || method !== "PATCH")
      throw new Refused(404, { code: 7003, message: "No route for the URI" });
    if (worker.newest === undefined) throw new Refused(404, { code: 10222, message: "This Worker has no versions." });
    const { env, annotations } = read(body);
    return { id: worker.version(merge(worker.newest, object(env)), object(annotations) as Record<string, string>).id };
  }

  #script(method: string, name: string, rest: string, url: URL, body: string): unknown {
    if (method === "PUT" && rest === "") return this.#upload(name, body, true);
    const worker = this.workers.get(name);
    if (worker === undefined) throw absent();
    const secret = /^\/secrets\/([^/]+)$/.exec(rest)?.[1];
    if (secret !== undefined && method === "DELETE") return this.#edit(worker, { [decodeURIComponent(secret)]: null }, true);
    switch (`${method} ${rest}`) {
      case "GET /secrets":
        return [...(worker.newest?.bindings.values() ?? [])].filter((one) => one["type"] === "secret_text").map(shown);
      case "PUT /secrets": {
        const { name: key, text, type } = read(body);
        return this.#edit(worker, { [word(key)]: { name: key ?? "", text: text ?? "", type: type ?? "" } });
      }
      case "PATCH /secrets-bulk":
        return this.#edit(worker, object(read(body)["secrets"]));
      case "GET /versions":
        return { items: worker.versions.map(versionOf) };
      case "POST /versions":
        return this.#upload(name, body, false);
      case "GET /deployments":
        return { deployments: worker.deployments.map(deploymentOf) };
      case "POST /deployments":
        return deploymentOf(this.#deploy(worker, read(body), url.searchParams.get("force") === "true"));
      case "PATCH /script-settings":
        worker.settings = { ...worker.settings, ...read(body) };
        return worker.settings;
      case "PUT /schedules":
        worker.schedules = readValue(body) as readonly JsonValue[];
        return { schedules: worker.schedules };
      case "POST /subdomain":
        return read(body);
      case "GET /settings":
        return { bindings: [...(worker.newest?.bindings.values() ?? [])].map(shown) };
      default: {
        const found = worker.versions.find((one) => rest === `/versions/${one.id}`);
        if (found !== undefined && method === "GET") return versionOf(found);
        throw new Refused(404, { code: rest.startsWith("/versions/") ? 10092 : 7003, message: "No route for the URI" });
      }
    }
  }

  #edit(worker: StoredWorker, changes: JsonObject, mustExist = false): unknown {
    const newest = worker.newest;
    const active = worker.deployments[0]?.versions ?? [];
    if (newest !== undefined && !active.some((one) => one.version_id === newest.id && one.percentage === 100)) {
      throw new Refused(400, { code: 10215, message: "Secret edit failed. The latest version isn't currently deployed." });
    }
    for (const [key, change] of Object.entries(changes)) {
      const there = newest?.bindings.get(key);
      if (there !== undefined && there["type"] !== "secret_text") {
        throw new Refused(400, {
          code: 10053,
          message: `Binding name '${key}' already in use. Please use a different name and try again.`,
        });
      }
      if (mustExist && there === undefined) throw new Refused(404, { code: 10056, message: `Binding '${key}' not found.` });
      const text = change === null ? "" : word(object(change)["text"]);
      if (text.length > 65_536) throw new Refused(400, { code: 10054, message: "The value is too large." });
    }
    const version = worker.version(merge(newest, changes), { "workers/triggered_by": "secret" });
    worker.deploy([{ version_id: version.id, percentage: 100 }], { "workers/triggered_by": "secret" });
    return mustExist ? null : {};
  }

  #upload(name: string, body: string, deploy: boolean): unknown {
    const metadata = read(/name="metadata"[^\r]*\r\n(?:[^\r]+\r\n)*\r\n([\s\S]*?)\r\n--/.exec(body)?.[1] ?? "{}");
    const worker = this.workers.get(name) ?? new StoredWorker();
    if (!deploy && !this.workers.has(name)) throw absent();
    const bindings = new Map<string, JsonObject>();
    const missing: { code: number; message: string }[] = [];
    for (const one of (metadata["bindings"] ?? []) as readonly JsonObject[]) {
      const key = word(one["name"]);
      const inherited = worker.newest?.bindings.get(key);
      if (one["type"] !== "inherit") bindings.set(key, one);
      else if (inherited) bindings.set(key, inherited);
      else missing.push({ code: 10057, message: `inherit binding '${key}' is invalid: there is none` });
    }
    if (missing.length > 0) throw new Refused(400, ...missing);
    const kept = (metadata["keep_bindings"] ?? ["secret_text", "secret_key"]) as readonly string[];
    for (const [key, one] of worker.newest?.bindings ?? []) {
      if (!bindings.has(key) && kept.includes(word(one["type"]))) bindings.set(key, one);
    }
    this.workers.set(name, worker);
    const version = worker.version(bindings, object(metadata["annotations"]) as Record<string, string>);
    if (deploy) worker.deploy([{ version_id: version.id, percentage: 100 }]);
    return { ...versionOf(version), deployment_id: version.id, etag: "e", startup_time_ms: 3 };
  }

  #deploy(worker: StoredWorker, body: JsonObject, force: boolean): StoredDeployment {
    const versions = (body["versions"] ?? []) as unknown as StoredDeployment["versions"];
    const active = worker.deployments[0]?.versions ?? [];
    const target = worker.versions.find((one) => one.id === versions[0]?.version_id);
    if (target === undefined) throw new Refused(400, { code: 10021, message: "no such version" });
    const live = worker.versions.find((one) => active.some((share) => share.version_id === one.id));
    if (!force && live !== undefined && live.number > target.number && !active.some((one) => one.version_id === target.id)) {
      const names = [...new Set([...live.bindings.keys(), ...target.bindings.keys()])];
      const changed = names.filter(
        (name) => JSON.stringify(live.bindings.get(name)) !== JSON.stringify(target.bindings.get(name)),
      );
      const message = `A secret has changed since this version was active. The following secrets have changed: ${changed.join(", ")}`;
      if (changed.length > 0) throw new Refused(400, { code: 10220, message });
    }
    return worker.deploy(versions, object(body["annotations"]) as Record<string, string>);
  }
}

function word(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function readValue(body: string): JsonValue {
  const parsed = parseJson(Buffer.from(body, "latin1"));
  return parsed.ok ? parsed.value : null;
}

function read(body: string): JsonObject {
  return object(readValue(body));
}

function object(value: JsonValue | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function merge(version: StoredVersion | undefined, changes: JsonObject): Map<string, JsonObject> {
  const bindings = new Map(version?.bindings);
  for (const [name, change] of Object.entries(changes)) {
    if (change === null) bindings.delete(name);
    else bindings.set(name, { ...object(change), name });
  }
  return bindings;
}

function shown(binding: JsonObject): unknown {
  return binding["type"] === "secret_text" ? { name: binding["name"], type: "secret_text" } : binding;
}

function versionOf(version: StoredVersion): object {
  return {
    id: version.id,
    number: version.number,
    metadata: { created_on: version.createdOn, source: "wrangler", author_email: version.author, has_preview: false },
    annotations: version.annotations,
    resources: {
      bindings: [...version.bindings.values()].map(shown),
      script: { etag: "e", handlers: ["fetch"] },
      script_runtime: { compatibility_date: "2026-01-01" },
    },
  };
}

function deploymentOf(deployment: StoredDeployment): unknown {
  const { id, createdOn, versions, annotations } = deployment;
  return {
    id,
    source: "wrangler",
    strategy: "percentage",
    author_email: "dev@example.com",
    annotations,
    versions,
    created_on: createdOn,
  };
}
