/** Plans as the use cases make them, for the contract suite and the tests of each implementation. */
import {
  type AccountId,
  asSealed,
  newAccountId,
  newUuid,
  type ScriptSettings,
  systemRandom,
  timestamp,
  toHex,
  type Uuid,
  utf8,
} from "@corral/base";
import type {
  AuditRow,
  DeploymentRow,
  ModuleRow,
  RecordRow,
  VersionInfo,
  VersionRow,
  WorkerRow,
  WrappedKeyRow,
} from "../rows.ts";
import type { Plan } from "../store.ts";

/** A Worker as a plan states it. */
export type WorkerState = Omit<WorkerRow, "changeSeq">;

export const newId = (): Uuid => newUuid(systemRandom);
export const newAccount = (): AccountId => newAccountId(systemRandom);
/** Up to 64 KiB fresh; what is longer repeats. */
export function randomBytes(length: number): Uint8Array {
  const fresh = systemRandom.bytes(Math.min(length, 65_536));
  return length === fresh.length ? fresh : new Uint8Array(length).map((_, at) => (fresh[at % fresh.length] ?? 0) ^ (at >> 16));
}
export const page = (limit: number, offset = 0) => ({ limit, offset });

let clock = Date.UTC(2026, 0, 1);
/** Later than every one before. */
export const nextTime = (): string => timestamp((clock += 1));

export const noSettings: ScriptSettings = {
  tags: null,
  logpush: false,
  observability: null,
  tailConsumers: null,
  schedules: [],
};

export const someInfo: VersionInfo = {
  source: "wrangler",
  authorId: "0123456789abcdef0123456789abcdef",
  authorEmail: "admin@corral.invalid",
  message: null,
  alias: null,
  triggeredBy: "secret",
  startupTimeMs: 3,
  handlers: ["fetch"],
  namedHandlers: [],
  etag: "e".repeat(64),
  lastDeployedFrom: "wrangler",
};

export function auditOf(worker: WorkerState, action: string): AuditRow {
  return {
    at: nextTime(),
    actor: "token:0011223344556677",
    action,
    accountId: worker.accountId,
    workerId: worker.workerId,
    workerName: worker.head.name,
    subject: "API_KEY",
    versionId: null,
    deploymentId: null,
    requestId: newId(),
  };
}

export function newModule(bytes: Uint8Array = randomBytes(200)): ModuleRow {
  return { sha256: toHex(randomBytes(32)), bytes };
}

export function newRecord(worker: WorkerState, sealed: Uint8Array = randomBytes(192)): RecordRow {
  return {
    recordId: newId(),
    workerId: worker.workerId,
    dataKeyId: newId(),
    type: "secret_text",
    sealed: asSealed(sealed),
    fingerprint: randomBytes(32),
    countedBytes: 12,
    createdOn: nextTime(),
  };
}

export function newKey(ownerId: Uuid, kind: WrappedKeyRow["kind"], generation = 1): WrappedKeyRow {
  return {
    keyId: newId(),
    kind,
    ownerId,
    generation,
    term: 1,
    wrapped: asSealed(randomBytes(128)),
    createdOn: nextTime(),
  };
}

export function newVersion(worker: WorkerState, number: number, modules: readonly string[] = []): VersionRow {
  return {
    versionId: newId(),
    workerId: worker.workerId,
    number,
    createdOn: nextTime(),
    manifest: utf8(`manifest ${number} ${"x".repeat(500)}`),
    mac: randomBytes(32),
    modules,
    info: someInfo,
  };
}

function newDeployment(worker: WorkerState, shares: DeploymentRow["shares"]): DeploymentRow {
  return {
    deploymentId: newId(),
    workerId: worker.workerId,
    createdOn: nextTime(),
    source: "wrangler",
    authorId: someInfo.authorId,
    authorEmail: someInfo.authorEmail,
    message: null,
    triggeredBy: "secret",
    shares,
  };
}

/** A new Worker with its three keys, and nothing else. */
export function createPlan(
  identity: { accountId?: AccountId; workerId?: Uuid; name?: string } = {},
): Plan & { worker: WorkerState } {
  const { accountId = newAccount(), workerId = newId(), name = "hello" } = identity;
  const createdOn = nextTime();
  const worker: WorkerState = {
    workerId,
    accountId,
    createdOn,
    modifiedOn: createdOn,
    settings: noSettings,
    head: {
      workerId,
      accountId,
      name,
      epoch: 1,
      newestVersionId: null,
      newestNumber: 0,
      deploymentId: null,
      shares: [],
      routed: true,
      previews: false,
    },
    headMac: randomBytes(32),
  };
  const keys = (["data", "fingerprint", "manifest"] as const).map((kind) => newKey(workerId, kind));
  return { workerId, expectedEpoch: null, worker, keys, audit: [auditOf(worker, "worker.create")] };
}

export interface PutPlan extends Plan {
  readonly worker: WorkerState;
  readonly records: readonly [RecordRow];
  readonly versions: readonly [VersionRow];
  readonly deployment: DeploymentRow;
}

/** A secret is put: one record, one version, one deployment at 100 %. */
export function putPlan(before: WorkerState, modules: readonly ModuleRow[] = []): PutPlan {
  const number = before.head.newestNumber + 1;
  const record = newRecord(before);
  const hashes = modules.map((module) => module.sha256);
  const version = newVersion(before, number, hashes);
  const deployment = newDeployment(before, [{ versionId: version.versionId, percentage: 100 }]);
  const worker: WorkerState = {
    ...before,
    modifiedOn: nextTime(),
    headMac: randomBytes(32),
    head: {
      ...before.head,
      epoch: before.head.epoch + 1,
      newestVersionId: version.versionId,
      newestNumber: number,
      deploymentId: deployment.deploymentId,
      shares: deployment.shares,
    },
  };
  return {
    workerId: before.workerId,
    expectedEpoch: before.head.epoch,
    worker,
    modules,
    records: [record],
    versions: [version],
    deployment,
    audit: [auditOf(before, "secret.put")],
  };
}

/** Only the head changes. */
export function editPlan(
  before: WorkerState,
  edit: Partial<WorkerState> & { name?: string } = {},
): Plan & { worker: WorkerState } {
  const { name = before.head.name, ...rest } = edit;
  const worker = { ...before, ...rest, head: { ...before.head, name, epoch: before.head.epoch + 1 } };
  return { workerId: before.workerId, expectedEpoch: before.head.epoch, worker, audit: [auditOf(before, "worker.edit")] };
}

export function removePlan(before: WorkerState): Plan {
  return {
    workerId: before.workerId,
    expectedEpoch: before.head.epoch,
    worker: null,
    audit: [auditOf(before, "worker.delete")],
  };
}
