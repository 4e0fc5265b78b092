/**
 * Every operation that is served, once: the api registers from this table, docs/compatibility.md has a row for each,
 * and the tests walk it. Paths are below /client/v4 (Cloudflare's) or /corral/v1 (ours).
 */
export type Method = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
/** Which limit holds for the body; "none" ignores one. */
export type BodyKind = "none" | "json" | "bulk" | "upload";

export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly body: BodyKind;
  /** What is told of it in documents. */
  readonly summary: string;
}

const A = "/accounts/{account_id}";
const S = `${A}/workers/scripts/{script_name}`;
const W = `${A}/workers/workers/{worker_id}`;
const E = `${A}/workers/services/{service_name}/environments/{environment_name}`;

function route(method: Method, path: string, summary: string, body: BodyKind = "none"): Route {
  return { method, path, body, summary };
}

/** Cloudflare's wire: wire.md 4 and other-clients.md 6. */
export const cloudflareRoutes = {
  "user.get": route("GET", "/user", "the token as a user"),
  "user.verify": route("GET", "/user/tokens/verify", "is this token good"),
  "memberships.list": route("GET", "/memberships", "accounts of this token, as memberships"),
  "accounts.list": route("GET", "/accounts", "accounts of this token"),
  "accounts.get": route("GET", A, "one account"),
  "accounts.verify": route("GET", `${A}/tokens/verify`, "is this account token good"),
  "zones.list": route("GET", "/zones", "always empty"),

  "services.get": route("GET", `${A}/workers/services/{service_name}`, "a Worker, as a service"),
  "services.rename": route("PATCH", `${A}/workers/services/{service_name}`, "rename a Worker", "json"),
  "services.delete": route("DELETE", `${A}/workers/services/{service_name}`, "delete a Worker"),
  "environments.get": route("GET", E, "a Worker, as an environment"),
  "environments.put": route("PUT", E, "upload and deploy", "upload"),
  "environments.bindings": route("GET", `${E}/bindings`, "bindings of the newest version"),
  "environments.routes": route("GET", `${E}/routes`, "always empty"),
  "environments.subdomain": route("GET", `${E}/subdomain`, "is it on its hostname"),
  "environments.subdomain.set": route("POST", `${E}/subdomain`, "put it on its hostname or take it off", "json"),
  "environments.schedules": route("GET", `${E}/schedules`, "cron triggers"),
  "environments.schedules.put": route("PUT", `${E}/schedules`, "replace the cron triggers", "json"),
  "environments.settings": route("GET", `${E}/settings`, "settings of the newest version"),
  "environments.settings.edit": route("PATCH", `${E}/settings`, "edit settings and bindings", "bulk"),
  "environments.secrets": route("GET", `${E}/secrets`, "names of the secrets"),
  "environments.secrets.put": route("PUT", `${E}/secrets`, "put a secret", "json"),
  "environments.secrets.delete": route("DELETE", `${E}/secrets/{secret_name}`, "delete a secret"),
  "environments.secrets.bulk": route("PATCH", `${E}/secrets-bulk`, "put and delete many secrets at once", "bulk"),
  "environments.content": route("GET", `${E}/content`, "the newest version's modules"),
  "environments.content.v2": route("GET", `${E}/content/v2`, "the newest version's modules"),
  "environments.content.put": route("PUT", `${E}/content`, "new code, same settings", "upload"),

  "scripts.list": route("GET", `${A}/workers/scripts`, "all Workers"),
  "scripts.search": route("GET", `${A}/workers/scripts-search`, "Workers by name"),
  "scripts.put": route("PUT", S, "upload and deploy", "upload"),
  "scripts.get": route("GET", S, "the newest version's modules"),
  "scripts.delete": route("DELETE", S, "delete a Worker"),
  "scripts.bindings": route("GET", `${S}/bindings`, "bindings of the newest version"),
  "scripts.bindings.content": route("GET", `${S}/bindings/{binding_name}/content`, "bytes of a blob binding"),
  "scripts.content": route("GET", `${S}/content/v2`, "a version's modules, byte for byte"),
  "scripts.content.put": route("PUT", `${S}/content`, "new code, same settings", "upload"),
  "scripts.settings": route("GET", `${S}/settings`, "settings and bindings of the newest version"),
  "scripts.settings.edit": route("PATCH", `${S}/settings`, "edit settings and bindings", "bulk"),
  "scripts.script-settings": route("GET", `${S}/script-settings`, "settings that are not versioned"),
  "scripts.script-settings.edit": route("PATCH", `${S}/script-settings`, "edit settings that are not versioned", "json"),
  "scripts.usage-model": route("GET", `${S}/usage-model`, "always standard"),
  "scripts.usage-model.put": route("PUT", `${S}/usage-model`, "accepted, without effect", "json"),
  "scripts.references": route("GET", `${S}/references`, "who binds this Worker"),
  "scripts.queue-consumers": route("GET", `${S}/queue-consumers`, "always empty"),

  "secrets.list": route("GET", `${S}/secrets`, "names of the secrets"),
  "secrets.put": route("PUT", `${S}/secrets`, "put a secret", "json"),
  "secrets.get": route("GET", `${S}/secrets/{secret_name}`, "name and type of a secret"),
  "secrets.delete": route("DELETE", `${S}/secrets/{secret_name}`, "delete a secret"),
  "secrets.bulk": route("PATCH", `${S}/secrets-bulk`, "put and delete many secrets at once", "bulk"),

  "versions.list": route("GET", `${S}/versions`, "versions, newest first"),
  "versions.create": route("POST", `${S}/versions`, "upload without deploying", "upload"),
  "versions.get": route("GET", `${S}/versions/{version_id}`, "one version"),

  "by-script.list": route("GET", `${A}/workers/deployments/by-script/{script_id}`, "versions, by their old name"),
  "by-script.get": route(
    "GET",
    `${A}/workers/deployments/by-script/{script_id}/detail/{deployment_id}`,
    "one version, by its old name",
  ),

  "deployments.list": route("GET", `${S}/deployments`, "deployments, newest first"),
  "deployments.create": route("POST", `${S}/deployments`, "move traffic", "json"),
  "deployments.get": route("GET", `${S}/deployments/{deployment_id}`, "one deployment"),
  "deployments.delete": route("DELETE", `${S}/deployments/{deployment_id}`, "forget an inactive deployment"),

  "subdomain.get": route("GET", `${S}/subdomain`, "is it on its hostname"),
  "subdomain.set": route("POST", `${S}/subdomain`, "put it on its hostname or take it off", "json"),
  "subdomain.delete": route("DELETE", `${S}/subdomain`, "take it off its hostname"),
  "schedules.get": route("GET", `${S}/schedules`, "cron triggers"),
  "schedules.put": route("PUT", `${S}/schedules`, "replace the cron triggers", "json"),
  "tails.list": route("GET", `${S}/tails`, "live tails"),
  "tails.create": route("POST", `${S}/tails`, "begin a live tail", "json"),
  "tails.delete": route("DELETE", `${S}/tails/{tail_id}`, "end a live tail"),
  "tails.heartbeat": route("POST", `${S}/tails/{tail_id}/heartbeat`, "keep a live tail"),

  "workers.list": route("GET", `${A}/workers/workers`, "all Workers"),
  "workers.create": route("POST", `${A}/workers/workers`, "an empty Worker", "json"),
  "workers.get": route("GET", W, "one Worker, by id or name"),
  "workers.put": route("PUT", W, "replace name and settings", "json"),
  "workers.edit": route("PATCH", W, "change name or settings", "json"),
  "workers.delete": route("DELETE", W, "delete a Worker"),
  "workers.versions.list": route("GET", `${W}/versions`, "versions, newest first"),
  "workers.versions.create": route("POST", `${W}/versions`, "a version from one JSON body", "upload"),
  "workers.versions.latest": route("GET", `${W}/versions/latest`, "the newest version"),
  "workers.versions.patch": route("PATCH", `${W}/versions/latest`, "a version with other secrets", "bulk"),
  "workers.versions.get": route("GET", `${W}/versions/{version_id}`, "one version"),
  "workers.versions.delete": route("DELETE", `${W}/versions/{version_id}`, "erase a version that is not in use"),

  "account.subdomain": route("GET", `${A}/workers/subdomain`, "the workers.dev label"),
  "account.subdomain.put": route("PUT", `${A}/workers/subdomain`, "it is given and cannot be changed", "json"),
  "account.subdomain.find": route("GET", `${A}/workers/subdomains/{subdomain}`, "is this label free"),
  "account.settings": route("GET", `${A}/workers/account-settings`, "defaults of the account"),
  "account.settings.put": route("PUT", `${A}/workers/account-settings`, "accepted, without effect", "json"),
  "account.tails": route("GET", `${A}/workers/tails/by-consumer/{script_name}`, "always empty"),
  "account.domains": route("GET", `${A}/workers/domains`, "always empty"),
  "account.domains.records": route("GET", `${A}/workers/domains/records`, "always empty"),
  "account.durable-objects": route("GET", `${A}/workers/durable_objects/namespaces`, "always empty"),
  "account.kv": route("GET", `${A}/storage/kv/namespaces`, "always empty"),
} as const satisfies Record<string, Route>;

/** Our own routes, below /corral/v1. */
export const corralRoutes = {
  "corral.health": route("GET", "/health", "does the control plane answer"),
  "corral.openapi": route("GET", "/openapi.json", "these routes, as OpenAPI"),
  "corral.docs": route("GET", "/docs", "these routes, as a page"),
  "corral.state": route("GET", "/workers/{name}/state", "how far the nodes are with a Worker"),
  "corral.secrets.destroy": route("POST", "/workers/{name}/secrets/{secret_name}/destroy", "erase a secret's old values"),
  "corral.audit": route("GET", "/audit", "who did what, newest first"),
  "corral.tokens.list": route("GET", "/tokens", "tokens of the account"),
  "corral.tokens.create": route("POST", "/tokens", "a token, shown once", "json"),
  "corral.tokens.revoke": route("DELETE", "/tokens/{token_id}", "end a token"),
} as const satisfies Record<string, Route>;

export type CloudflareRouteId = keyof typeof cloudflareRoutes;
export type CorralRouteId = keyof typeof corralRoutes;
export const CLOUDFLARE_BASE = "/client/v4";
export const CORRAL_BASE = "/corral/v1";
