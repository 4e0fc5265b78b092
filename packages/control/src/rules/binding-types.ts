/**
 * Cloudflare's binding types that Corral does not serve: they may be named in a message, because they are in this list
 * (cf-openapi-workers.json). Any other type is unknown and is not echoed.
 */
const UNSERVED = new Set([
  "ai",
  "ai_search",
  "ai_search_namespace",
  "analytics_engine",
  "artifacts",
  "assets",
  "browser",
  "d1",
  "dispatch_namespace",
  "durable_object_namespace",
  "flagship",
  "hyperdrive",
  "images",
  "kv_namespace",
  "logfwdr",
  "media",
  "messaging",
  "mtls_certificate",
  "pipelines",
  "queue",
  "r2_bucket",
  "ratelimit",
  "secrets_store_secret",
  "send_email",
  "stream",
  "tail_consumer",
  "vectorize",
  "vpc_network",
  "vpc_service",
  "worker_loader",
  "workflow",
]);

export function isUnservedType(type: string): boolean {
  return UNSERVED.has(type);
}

/** What becomes of a binding type that Corral does not serve (design.md 8). */
export type UnsupportedPolicy = "refuse" | "placeholder";
