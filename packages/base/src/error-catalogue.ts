/**
 * Every failure that leaves Corral, once: HTTP status, Cloudflare's number, fixed text.
 * `{name}` marks a parameter, which is `SafeText` or a number. docs/errors.md lists the same codes; a test compares.
 * Numbers: wire.md section 7, other-clients.md sections 5 and 6.
 */
export interface ErrorEntry {
  readonly status: number;
  readonly cloudflareCode: number;
  readonly message: string;
}

export const errorCatalogue = {
  // requests
  "request.unparsable": { status: 400, cloudflareCode: 10026, message: "Could not parse the request body." },
  "request.json-invalid": {
    status: 400,
    cloudflareCode: 10026,
    message: "The request body is not valid JSON: {problem} at line {line}, column {column}.",
  },
  "request.field-invalid": { status: 400, cloudflareCode: 10001, message: "The field {field} is invalid: {problem}." },
  "request.too-large": { status: 413, cloudflareCode: 10027, message: "The request body is larger than {limit} bytes." },
  "route.not-found": { status: 404, cloudflareCode: 7003, message: "No route for the URI" },
  "route.out-of-scope": {
    status: 404,
    cloudflareCode: 7003,
    message: "Could not route to this path: Corral does not serve this product.",
  },
  "route.malformed": {
    status: 400,
    cloudflareCode: 7003,
    message: "Could not route to this path, perhaps your object identifier is invalid?",
  },
  // authentication
  "auth.missing": { status: 400, cloudflareCode: 9106, message: "Missing X-Auth-Key, X-Auth-Email or Authorization headers" },
  "auth.malformed": { status: 400, cloudflareCode: 6003, message: "Invalid request headers" },
  "auth.malformed-authorization": { status: 400, cloudflareCode: 6111, message: "Invalid format for Authorization header" },
  "auth.invalid-token": { status: 401, cloudflareCode: 1000, message: "Invalid API Token" },
  "auth.invalid-access-token": { status: 403, cloudflareCode: 9109, message: "Invalid access token" },
  "token.not-found": { status: 404, cloudflareCode: 1001, message: "This API token does not exist on your account." },
  "auth.denied": { status: 403, cloudflareCode: 10000, message: "Authentication error" },
  // Workers
  "worker.not-found": { status: 404, cloudflareCode: 10007, message: "This Worker does not exist on your account." },
  "service.not-found": { status: 404, cloudflareCode: 10090, message: "This service does not exist on your account." },
  "environment.not-found": { status: 404, cloudflareCode: 10092, message: "This environment does not exist on your account." },
  "worker.name-invalid": {
    status: 400,
    cloudflareCode: 10016,
    message: "Invalid Worker name: 1 to 63 of a-z, 0-9, _ and -, and not a dash at either end.",
  },
  "worker.exists": { status: 400, cloudflareCode: 10040, message: "A Worker with this name already exists on your account." },
  "worker.too-many": { status: 400, cloudflareCode: 10037, message: "Too many Workers on your account; the limit is {limit}." },
  "worker.no-versions": {
    status: 404,
    cloudflareCode: 10222,
    message: "This Worker has no versions, which means this Worker has no content or versioned settings.",
  },
  "worker.referenced": {
    status: 400,
    cloudflareCode: 10142,
    message: "This Worker is still referenced by service bindings in Workers: {names}.",
  },
  "worker.conflict": {
    status: 503,
    cloudflareCode: 10035,
    message: "Several attempts to modify this Worker at the same time. Please try again.",
  },
  "subdomain.fixed": {
    status: 400,
    cloudflareCode: 10036,
    message: "This account already has a workers.dev subdomain, and it cannot be changed.",
  },
  "subdomain.taken": { status: 400, cloudflareCode: 10031, message: "This workers.dev subdomain is taken." },
  "subdomain.free": { status: 404, cloudflareCode: 10032, message: "This workers.dev subdomain is not in use." },
  "tail.not-found": { status: 404, cloudflareCode: 10001, message: "This tail does not exist, or it has ended." },
  "tail.too-many": { status: 400, cloudflareCode: 10001, message: "There are {count} live tails of {scope} already." },
  // secrets
  "secret.not-found": { status: 404, cloudflareCode: 10056, message: "Binding '{name}' not found." },
  "secret.name-taken": {
    status: 400,
    cloudflareCode: 10053,
    message: "Binding name '{name}' already in use. Please use a different name and try again.",
  },
  "secret.version-not-deployed": {
    status: 400,
    cloudflareCode: 10215,
    message:
      "Secret edit failed. You attempted to modify a secret, but the latest version of your Worker isn't currently deployed. Please ensure that the latest version of your Worker is fully deployed before modifying secrets.",
  },
  "settings.version-not-deployed": {
    status: 400,
    cloudflareCode: 10214,
    message:
      'Script edit failed. You attempted to deploy the latest version with modified settings, but the latest version isn\'t currently deployed. Either upload a new version to edit the version settings, or use the script-level settings API (/workers/scripts/{script_name}/script-settings) to modify the "logpush" and "tail_consumers" settings.',
  },
  "secret.too-large": {
    status: 400,
    cloudflareCode: 10054,
    message: "The value of '{name}' has {size} bytes; the limit is {limit}.",
  },
  "secret.bulk-too-many": {
    status: 400,
    cloudflareCode: 100160,
    message: "Too many secrets in one request: {count}; the limit is {limit}.",
  },
  "binding.too-many": { status: 400, cloudflareCode: 10055, message: "Too many bindings: {count}; the limit is {limit}." },
  "binding.nameless": { status: 400, cloudflareCode: 10052, message: "A binding without a name." },
  "binding.name-invalid": {
    status: 400,
    cloudflareCode: 10052,
    message: "A binding name must have 1 to 255 printable characters.",
  },
  "binding.value-malformed": {
    status: 400,
    cloudflareCode: 10021,
    message: "The value of '{name}' is not well-formed Unicode: it holds half of a surrogate pair.",
  },
  "binding.duplicate": {
    status: 400,
    cloudflareCode: 10053,
    message: "Binding name '{name}' already in use. Please use a different name and try again.",
  },
  "binding.unsupported": {
    status: 400,
    cloudflareCode: 10021,
    message: "Bindings of type {type} are not supported by Corral (binding '{name}').",
  },
  "binding.unknown-type": { status: 400, cloudflareCode: 10021, message: "A binding has an unknown type." },
  "binding.part-missing": {
    status: 400,
    cloudflareCode: 10021,
    message: "The binding '{name}' names a part that was not uploaded.",
  },
  "binding.not-found": { status: 404, cloudflareCode: 10056, message: "There is no such binding with content of its own." },
  "binding.service-missing": {
    status: 400,
    cloudflareCode: 10144,
    message: "The service binding '{name}' names a Worker that does not exist on your account.",
  },
  "inherit.invalid": {
    status: 400,
    cloudflareCode: 10057,
    message: "inherit binding '{name}' is invalid: there is no such binding to inherit.",
  },
  "env.too-large": {
    status: 400,
    cloudflareCode: 10021,
    message: "The bindings of this version take {size} bytes at run time; the limit is {limit}.",
  },
  // versions and deployments
  "upload.invalid": { status: 400, cloudflareCode: 10021, message: "The upload is invalid: {problem}." },
  "upload.metadata-missing": { status: 400, cloudflareCode: 10021, message: "could not read content for part metadata" },
  "upload.main-module-missing": {
    status: 400,
    cloudflareCode: 10021,
    message: "The main module is not among the uploaded parts.",
  },
  "upload.too-large": {
    status: 413,
    cloudflareCode: 10027,
    message: "workers.api.error.script_too_large: the limit is {limit} bytes.",
  },
  "upload.start-failed": { status: 400, cloudflareCode: 10021, message: "{reason}" },
  "upload.start-timeout": {
    status: 400,
    cloudflareCode: 10021,
    message: "Script startup exceeded the time limit of {limit} ms.",
  },
  "version.not-found": { status: 404, cloudflareCode: 100146, message: "This version does not exist on this Worker." },
  "version.in-use": {
    status: 400,
    cloudflareCode: 10021,
    message: "The newest version and those of the active deployment cannot be deleted.",
  },
  "deployment.not-found": { status: 404, cloudflareCode: 10336, message: "This deployment does not exist on this Worker." },
  "deployment.active": { status: 400, cloudflareCode: 10021, message: "The active deployment cannot be deleted." },
  "deployment.invalid": { status: 400, cloudflareCode: 10021, message: "The deployment is invalid: {problem}." },
  "deployment.unknown-version": {
    status: 400,
    cloudflareCode: 10021,
    message: "The deployment is invalid: a version does not exist on this Worker.",
  },
  "deployment.secrets-changed": {
    status: 400,
    cloudflareCode: 10220,
    message:
      "A secret has changed since this version was active. If you are sure this is ok, add a ?force=true query parameter to allow the rollback. The following secrets have changed: {names}",
  },
  // idempotency
  "idempotency.malformed": {
    status: 400,
    cloudflareCode: 10026,
    message: "An Idempotency-Key must have 1 to 255 visible ASCII characters.",
  },
  "idempotency.reused": { status: 400, cloudflareCode: 10026, message: "This Idempotency-Key was used for another request." },
  "idempotency.unsupported": {
    status: 400,
    cloudflareCode: 10026,
    message: "This request cannot be repeated by Idempotency-Key: its answer is never stored.",
  },
  // keys and storage
  "record.unopenable": { status: 500, cloudflareCode: 10013, message: "A stored value could not be opened." },
  "manifest.forged": { status: 500, cloudflareCode: 10013, message: "A stored version or head does not carry a valid MAC." },
  "key.unopenable": { status: 500, cloudflareCode: 10013, message: "A stored key could not be unwrapped." },
  "kek.missing": { status: 500, cloudflareCode: 10013, message: "The key file is missing." },
  "kek.unusable": { status: 500, cloudflareCode: 10013, message: "The key file could not be read or written." },
  "kek.exposed": {
    status: 500,
    cloudflareCode: 10013,
    message: "The key file can be read by other users; its mode must be 0600.",
  },
  "kek.malformed": { status: 500, cloudflareCode: 10013, message: "The key file is not a key of Corral." },
  "kek.wrong": { status: 500, cloudflareCode: 10013, message: "The key file does not belong to this data." },
  "storage.full": { status: 507, cloudflareCode: 10013, message: "The disk is full: nothing was changed." },
  "storage.failed": { status: 500, cloudflareCode: 10013, message: "The database could not be read or written." },
  "storage.corrupt": { status: 500, cloudflareCode: 10013, message: "A stored row is damaged." },
  "storage.newer-schema": { status: 500, cloudflareCode: 10013, message: "The database was written by a newer Corral." },
  "data.locked": { status: 500, cloudflareCode: 10013, message: "Another Corral is running on this data directory." },
  internal: { status: 500, cloudflareCode: 10013, message: "An unknown error has occurred." },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCatalogue;
