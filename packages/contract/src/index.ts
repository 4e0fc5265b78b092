export { bindingHasField, type WireBinding, type WireSecret } from "./bodies/binding.ts";
export { deploymentBody } from "./bodies/deployment.ts";
export { feedLogsBody, feedStateBody, feedTracesBody } from "./bodies/feed.ts";
export { parseMetadata, parseSettingsEdit, type SettingsEdit, type UploadMetadata } from "./bodies/metadata.ts";
export { parseSecret, parseSecretsBulk, parseVersionPatch, type VersionPatch } from "./bodies/secret.ts";
export {
  accountSubdomainBody,
  renameBody,
  schedulesBody,
  scriptSettingsBody,
  subdomainBody,
  usageModelBody,
} from "./bodies/settings.ts";
export { tailBody, type TailFilter } from "./bodies/tail.ts";
export { tokenBody } from "./bodies/token.ts";
export { type JsonVersion, parseJsonVersion, workerBody, workerPatchBody } from "./bodies/worker.ts";
export { corralOpenApi } from "./corral/openapi.ts";
export { type CorralOperation, corralOperations } from "./corral/operations.ts";
export { corralDocsPage } from "./corral/page.ts";
export { failure, type FailureEnvelope, type ResultInfo, success, type SuccessEnvelope, type WireError } from "./envelope.ts";
export type {
  FeedChange,
  FeedHead,
  FeedHello,
  FeedLog,
  FeedRecord,
  FeedState,
  FeedTrace,
  FeedTraceEvent,
  FeedTraceException,
  FeedTraceLog,
  FeedVersion,
  FeedWorker,
  ProveAnswer,
  ProveRequest,
} from "./feed.ts";
export { type BodyLimits, defaultBodyLimits } from "./limits.ts";
export { pageOf, type PageRequest, parsePaging, resultInfo } from "./paging.ts";
export { fieldInvalid, parseBody, uploadInvalid } from "./parse.ts";
export {
  type BodyKind,
  CLOUDFLARE_BASE,
  type CloudflareRouteId,
  cloudflareRoutes,
  CORRAL_BASE,
  type CorralRouteId,
  corralRoutes,
  type Method,
  type Route,
} from "./routes.ts";
export type {
  WireAccount,
  WireAnnotations,
  WireBindingView,
  WireDeployment,
  WireEnvironment,
  WireLimits,
  WireModule,
  WireNamedHandlers,
  WireScript,
  WireScriptSettings,
  WireSecretView,
  WireService,
  WireSettings,
  WireSubdomain,
  WireVersion,
  WireWorker,
  WireWorkerVersion,
} from "./wire/objects.ts";
