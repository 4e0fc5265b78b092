export { AlreadyAnswered } from "./already-answered.ts";
export { authorEmail } from "./authorise.ts";
export { type ControlOptions, createControl } from "./control.ts";
export { createFeedSource, type FeedOptions } from "./feed/source.ts";
export type { NodeStates } from "./feed/node-states.ts";
export type { FeedSource, VersionProver } from "./feed-types.ts";
export { type InitInstall, initInstall, type Installed, issueToken } from "./install.ts";
export { cloudflareLimits, defaultLimits, type Limits } from "./limits.ts";
export { defaultPolicy, type Policy } from "./parts.ts";
export { START_LIMIT_MS } from "./prove.ts";
export type { UnsupportedPolicy } from "./rules/binding-types.ts";
export { createSharedState, type SharedState, type SharedStateOptions } from "./state/shared.ts";
export { defaultTailLimits, type Tail, type TailLimits, Tails, type TailSink } from "./tails/tails.ts";
export type {
  AccountUseCases,
  BindingInput,
  Caller,
  Content,
  Control,
  DeploymentInput,
  DeploymentUseCases,
  IdempotencyRequest,
  IdempotencyUseCases,
  NodeState,
  Paging,
  Scope,
  SecretChanges,
  SecretInput,
  SecretUseCases,
  SecretView,
  SettingsPatch,
  StoredAnswer,
  SubdomainInput,
  TailUseCases,
  TokenInput,
  TokenUseCases,
  TokenView,
  Upload,
  UploadModule,
  VersionAnnotations,
  VersionUseCases,
  VersionView,
  WorkerUseCases,
  WorkerView,
} from "./types.ts";
