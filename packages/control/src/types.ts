/**
 * The use cases, as the api calls them. Our words: Worker, version, share; contract translates the wire's.
 * Every method takes the caller first and authorises it before it reads anything. Failures are CorralErrors.
 */
import type {
  AccountId,
  Binding,
  Head,
  JsonText,
  Manifest,
  ModuleType,
  Redacted,
  ScriptSettings,
  Share,
  Uuid,
} from "@corral/base";
import type { AccountRow, AuditRow, DeploymentRow, TokenRow, VersionInfo } from "@corral/storage";
import type { TailFilter } from "@corral/contract";
import type { Limits } from "./limits.ts";
import type { Tail } from "./tails/tails.ts";

export type Scope = "secrets:write" | "secrets:list" | "workers:deploy" | "workers:read" | "workers:tail" | "admin";

export interface Caller {
  readonly tokenId: string;
  readonly accountId: AccountId;
  readonly scopes: readonly Scope[];
  /** From the User-Agent: `wrangler`, `api`, `terraform`, `corral`. */
  readonly source: string;
  readonly requestId: string;
  /** From the `Idempotency-Key` header. */
  readonly idempotency?: IdempotencyRequest;
}

/**
 * Asks a mutation to store its answer in its own commit. Before the use case runs, the edge asks
 * `Control.idempotency.find`; two requests at once meet in the use case, and the later throws `AlreadyAnswered`.
 */
export interface IdempotencyRequest {
  readonly key: string;
  /** `Control.idempotency.digest(method, path, body)`. */
  readonly digest: Uint8Array;
  /** Renders what the use case returns as it will be sent; called before the commit, must not throw. */
  answer(result: unknown): StoredAnswer;
}

/** Names and ids only, never a value. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
}

export interface UploadModule {
  readonly name: string;
  readonly type: ModuleType;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** A binding as an upload or a settings edit states it; a secret's value is `Redacted` from the body parser on. */
export type BindingInput =
  | { readonly type: "secret_text"; readonly name: string; readonly value: Redacted }
  | {
      readonly type: "secret_key";
      readonly name: string;
      readonly format: string;
      readonly algorithm: JsonText;
      readonly usages: readonly string[];
      /** `key_base64`, or `key_jwk` as JSON text. */
      readonly value: Redacted;
    }
  | { readonly type: "inherit"; readonly name: string; readonly oldName?: string; readonly versionId?: string }
  | { readonly type: "unsupported"; readonly name: string; readonly declaredType: string; readonly detail: JsonText }
  | Exclude<Binding, { readonly type: "secret_text" | "secret_key" | "placeholder" }>;

export interface Upload {
  readonly syntax: "module" | "service-worker";
  readonly mainModule: string;
  readonly modules: readonly UploadModule[];
  readonly bindings: readonly BindingInput[];
  /** Binding types copied from the newest version when not redefined; undefined keeps the secrets (wire.md 5.4). */
  readonly keepBindings: readonly string[] | undefined;
  /** An inherit binding that resolves to nothing: 10057 if strict, else dropped. */
  readonly strictInherit: boolean;
  readonly compatibilityDate: string | null;
  readonly compatibilityFlags: readonly string[];
  readonly usageModel: string;
  readonly limits: Manifest["limits"];
  readonly placement: JsonText | null;
  readonly message: string | null;
  readonly tag: string | null;
  readonly alias: string | null;
  /** Not versioned; applied to the Worker by PUT, ignored by POST versions. */
  readonly settings: Partial<ScriptSettings>;
}

export type SecretInput = Extract<BindingInput, { type: "secret_text" | "secret_key" }>;
/** null deletes. Order is the client's. */
export type SecretChanges = ReadonlyMap<string, SecretInput | null>;

/** A version as it may be shown: the manifest has no values. */
export interface VersionView {
  readonly manifest: Manifest;
  readonly info: VersionInfo;
  readonly hasPreview: boolean;
}

export interface WorkerView {
  readonly workerId: Uuid;
  readonly createdOn: string;
  readonly modifiedOn: string;
  readonly head: Head;
  readonly settings: ScriptSettings;
  /** The newest version; undefined for an empty Worker. */
  readonly newest: VersionView | undefined;
}

export interface DeploymentInput {
  readonly shares: readonly Share[];
  readonly message: string | null;
  readonly force: boolean;
}

/** How far the nodes are with a Worker's head. */
export interface NodeState {
  readonly node: string;
  readonly epoch: number;
  readonly state: "converging" | "live" | "failed";
  readonly reason: string | null;
}

export interface Content {
  readonly manifest: Manifest;
  readonly modules: readonly UploadModule[];
}

export interface Paging {
  readonly page: number;
  readonly perPage: number;
}

export interface Control {
  /** undefined: unknown, malformed, expired. Same work whether the id is known or not. */
  authenticate(token: Redacted): Promise<Pick<Caller, "tokenId" | "accountId" | "scopes"> | undefined>;
  readonly limits: Limits;
  readonly idempotency: IdempotencyUseCases;
  readonly tokens: TokenUseCases;
  readonly accounts: AccountUseCases;
  readonly workers: WorkerUseCases;
  readonly secrets: SecretUseCases;
  readonly versions: VersionUseCases;
  readonly deployments: DeploymentUseCases;
  readonly tails: TailUseCases;
}

export interface TailUseCases {
  list(caller: Caller, worker: string): Promise<readonly Tail[]>;
  /** The capability opens the tail to whoever has it, and is in this answer only. Throws "tail.too-many". */
  create(
    caller: Caller,
    worker: string,
    request: { readonly filters: readonly TailFilter[]; readonly clientAddress: string },
  ): Promise<{ readonly tail: Tail; readonly capability: string }>;
  /** Its time begins anew. Throws "tail.not-found". */
  extend(caller: Caller, worker: string, id: string): Promise<Tail>;
  remove(caller: Caller, worker: string, id: string): Promise<void>;
}

export interface IdempotencyUseCases {
  /** HMAC under the audit key; tells a retry from a re-use of the key without keeping the body. */
  digest(...fields: readonly (string | Uint8Array)[]): Uint8Array;
  /** The answer that was sent for this key; undefined when it is new. Throws idempotency.reused. */
  find(caller: Caller): Promise<StoredAnswer | undefined>;
}

export interface TokenUseCases {
  list(caller: Caller): Promise<readonly TokenView[]>;
  /** The token itself is in this answer and nowhere else. */
  create(caller: Caller, token: TokenInput): Promise<{ readonly token: Redacted; readonly view: TokenView }>;
  revoke(caller: Caller, tokenId: string): Promise<void>;
}

export type TokenView = Omit<TokenRow, "digest">;

export interface TokenInput {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** ISO 8601; null: does not end by itself. */
  readonly expiresOn: string | null;
}

export interface AccountUseCases {
  /** The accounts this caller may use. */
  list(caller: Caller): Promise<readonly AccountRow[]>;
  get(caller: Caller, accountId: string): Promise<AccountRow>;
  /** The workers.dev label of the installation. */
  subdomain(caller: Caller): Promise<string>;
  audit(caller: Caller, paging: Paging): Promise<readonly (AuditRow & { readonly seq: number })[]>;
}

export interface WorkerUseCases {
  list(caller: Caller, paging: Paging): Promise<{ readonly workers: readonly WorkerView[]; readonly total: number }>;
  /** By name, or by the 32 hex digits of its id. Throws worker.not-found. */
  get(caller: Caller, nameOrId: string): Promise<WorkerView>;
  /** An empty Worker, without versions. */
  create(caller: Caller, name: string, settings: Partial<ScriptSettings>, subdomain?: SubdomainInput): Promise<WorkerView>;
  /** PUT S: a version from this upload, deployed at 100 %; makes the Worker if it is absent. */
  put(caller: Caller, name: string, upload: Upload): Promise<WorkerView>;
  remove(caller: Caller, name: string, options: { readonly force: boolean }): Promise<void>;
  rename(caller: Caller, nameOrId: string, name: string): Promise<WorkerView>;
  /** Script-level settings; nothing is versioned, nothing deployed. */
  editSettings(caller: Caller, nameOrId: string, settings: Partial<ScriptSettings>): Promise<WorkerView>;
  setSubdomain(caller: Caller, nameOrId: string, subdomain: SubdomainInput): Promise<WorkerView>;
  /** Names of the Workers whose newest or live version binds this one as a service. */
  references(caller: Caller, name: string): Promise<readonly string[]>;
}

export interface SubdomainInput {
  readonly enabled: boolean;
  readonly previewsEnabled?: boolean;
}

/** All that is ever told of a secret. */
export interface SecretView {
  readonly name: string;
  readonly type: "secret_text" | "secret_key";
  /** What a secret_key is for; its material is never told. */
  readonly key?: { readonly format: string; readonly algorithm: JsonText; readonly usages: readonly string[] };
}

export interface SecretUseCases {
  /** The newest version's secrets, by name. */
  list(caller: Caller, worker: string): Promise<readonly SecretView[]>;
  /** Throws secret.not-found. */
  get(caller: Caller, worker: string, name: string): Promise<SecretView>;
  put(caller: Caller, worker: string, secret: SecretInput): Promise<void>;
  /** One version and one deployment for the whole change. */
  bulk(caller: Caller, worker: string, changes: SecretChanges): Promise<void>;
  remove(caller: Caller, worker: string, name: string): Promise<void>;
  /**
   * Erases the values that this secret had and neither the newest version nor one of the active deployment has now, with
   * the versions that need them. Answers the ids of these, newest first; `dryRun` changes nothing.
   */
  destroy(caller: Caller, worker: string, name: string, options: { readonly dryRun: boolean }): Promise<readonly Uuid[]>;
}

export interface VersionUseCases {
  list(
    caller: Caller,
    worker: string,
    paging: Paging,
  ): Promise<{ readonly versions: readonly VersionView[]; readonly total: number }>;
  /** By uuid; "latest" is the newest. */
  get(caller: Caller, worker: string, versionId: string): Promise<VersionView>;
  content(caller: Caller, worker: string, versionId: string): Promise<Content>;
  /** One that is neither the newest nor in the active deployment ("version.in-use"). */
  remove(caller: Caller, worker: string, versionId: string): Promise<void>;
  /** POST versions: a version, nothing deployed unless `deploy`. */
  create(caller: Caller, worker: string, upload: Upload, options?: { readonly deploy?: boolean }): Promise<VersionView>;
  /** A version from the newest one with these secrets changed, nothing deployed unless `deploy` (PATCH W/versions/latest). */
  patchSecrets(
    caller: Caller,
    worker: string,
    changes: SecretChanges,
    annotations: VersionAnnotations,
    options?: { readonly deploy?: boolean },
  ): Promise<VersionView>;
  /** PUT S/content: new code under the newest version's settings and bindings, deployed at 100 %. */
  putContent(caller: Caller, worker: string, code: Pick<Upload, "syntax" | "mainModule" | "modules">): Promise<WorkerView>;
  /** PATCH S/settings: a version with this complete set of bindings (undefined: unchanged), deployed at 100 %. */
  patchSettings(caller: Caller, worker: string, patch: SettingsPatch): Promise<WorkerView>;
}

export interface VersionAnnotations {
  readonly message: string | null;
  readonly tag: string | null;
}

export type SettingsPatch = Partial<
  Pick<
    Upload,
    | "bindings"
    | "compatibilityDate"
    | "compatibilityFlags"
    | "usageModel"
    | "limits"
    | "placement"
    | "settings"
    | "message"
    | "tag"
  >
>;

export interface DeploymentUseCases {
  /** Newest first; the first is the active one. */
  list(caller: Caller, worker: string, paging: Paging): Promise<readonly DeploymentRow[]>;
  get(caller: Caller, worker: string, deploymentId: string): Promise<DeploymentRow>;
  create(caller: Caller, worker: string, deployment: DeploymentInput): Promise<DeploymentRow>;
  remove(caller: Caller, worker: string, deploymentId: string): Promise<void>;
  /** Resolves at once with what the nodes last said; `waitEpoch` waits until every node has settled that epoch, or the time is up. */
  states(
    caller: Caller,
    worker: string,
    wait?: { readonly epoch: number; readonly timeoutMs: number },
  ): Promise<readonly NodeState[]>;
}
