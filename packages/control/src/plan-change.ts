/** From a decision to the rows of one commit: the next head with its MAC, the version, the deployment, the audit. */
import { type Head, type Manifest, newUuid, type ScriptSettings, type Share, type Uuid } from "@corral/base";
import type { AuditRow, DeploymentRow, ModuleRow, Plan, RecordRow, VersionInfo, VersionRow } from "@corral/storage";
import { authorEmail } from "./authorise.ts";
import type { Parts } from "./parts.ts";
import { planPrune } from "./plan-prune.ts";
import { nextStamp } from "./rules/stamps.ts";
import type { WorkerFacts, WorkerState } from "./state/workers.ts";
import type { Caller } from "./types.ts";

export interface NewVersion {
  readonly manifest: Manifest;
  readonly info: VersionInfo;
  readonly envBytes: number;
  readonly records: readonly RecordRow[];
  readonly modules: readonly ModuleRow[];
}

export interface NewDeployment {
  readonly shares: readonly Share[];
  readonly message: string | null;
  readonly triggeredBy: string;
}

export interface Change {
  /** Undefined fields stay; the epoch, the ids and the newest version are set here. */
  readonly head?: Partial<Pick<Head, "name" | "routed" | "previews">>;
  readonly settings?: ScriptSettings;
  readonly version?: NewVersion;
  readonly deployment?: NewDeployment;
  /** Not together with a version: that one may bring its own, see plan-prune. */
  readonly destroy?: NonNullable<Plan["destroy"]>;
  readonly audit: readonly [AuditEntry, ...AuditEntry[]];
}

export interface AuditEntry {
  readonly action: string;
  readonly subject?: string;
}

export interface Planned {
  readonly plan: Plan;
  readonly next: WorkerState;
  readonly deployment: DeploymentRow | undefined;
}

/** The time of the next change of this Worker. */
export function stampFor(parts: Parts, state: WorkerState | undefined): string {
  return nextStamp(parts.clock.now(), state?.worker.modifiedOn);
}

/** A Worker that is not stored: its epoch is 0, and its keys go into the first plan. */
export function isUnborn(state: WorkerState): boolean {
  return state.worker.head.epoch === 0;
}

/** The state that a plan is made from, stored or about to be. */
export function expected({ worker }: WorkerState): Pick<Plan, "expectedEpoch" | "expectedHeadMac"> {
  return worker.head.epoch === 0
    ? { expectedEpoch: null }
    : { expectedEpoch: worker.head.epoch, expectedHeadMac: worker.headMac };
}

export async function planChange(
  parts: Parts,
  caller: Caller,
  state: WorkerState,
  stamp: string,
  change: Change,
): Promise<Planned> {
  const { worker, crypto } = state;
  const deployment =
    change.deployment === undefined ? undefined : deploymentRow(parts, caller, worker.workerId, stamp, change.deployment);
  const version = change.version === undefined ? undefined : versionRow(state, change.version);
  const head: Head = {
    ...worker.head,
    ...change.head,
    epoch: worker.head.epoch + 1,
    ...(version !== undefined && { newestVersionId: version.versionId, newestNumber: version.number }),
    ...(deployment !== undefined && { deploymentId: deployment.deploymentId, shares: deployment.shares }),
  };
  const next: WorkerFacts = {
    ...worker,
    modifiedOn: stamp,
    settings: change.settings ?? worker.settings,
    head,
    headMac: crypto.authenticator.macHead(head),
  };
  const prune = change.version === undefined ? undefined : await planPrune(parts, state, head, change.version.manifest);
  const plan: Plan = {
    workerId: worker.workerId,
    ...expected(state),
    worker: next,
    ...(isUnborn(state) && { keys: crypto.keys }),
    ...(change.version !== undefined && { modules: change.version.modules, records: change.version.records }),
    ...(version !== undefined && { versions: [version] }),
    ...(deployment !== undefined && { deployment }),
    ...((prune ?? change.destroy) !== undefined && { destroy: prune ?? change.destroy }),
    audit: auditRows(caller, next, stamp, change.audit, version?.versionId ?? null, deployment?.deploymentId ?? null),
  };
  const newest =
    version === undefined || change.version === undefined
      ? state.newest
      : { manifest: change.version.manifest, info: version.info, mac: version.mac };
  return { plan, next: { worker: next, crypto, newest }, deployment };
}

function versionRow(state: WorkerState, version: NewVersion): VersionRow {
  const { manifest, info } = version;
  const { bytes, mac } = state.crypto.authenticator.sealManifest(manifest);
  const { versionId, workerId, number, createdOn } = manifest;
  const modules = [...new Set(manifest.modules.map(({ sha256 }) => sha256))];
  return { versionId, workerId, number, createdOn, manifest: bytes, mac, modules, info };
}

function deploymentRow(parts: Parts, caller: Caller, workerId: Uuid, stamp: string, deployment: NewDeployment): DeploymentRow {
  return {
    deploymentId: newUuid(parts.ids),
    workerId,
    createdOn: stamp,
    source: caller.source,
    authorId: caller.tokenId,
    authorEmail: authorEmail(caller),
    ...deployment,
  };
}

export function auditRows(
  caller: Caller,
  worker: Pick<WorkerFacts, "workerId" | "accountId" | "head">,
  at: string,
  entries: readonly [AuditEntry, ...AuditEntry[]],
  versionId: Uuid | null,
  deploymentId: Uuid | null,
): readonly [AuditRow, ...AuditRow[]] {
  const row = ({ action, subject }: AuditEntry): AuditRow => ({
    at,
    actor: caller.tokenId,
    action,
    accountId: worker.accountId,
    workerId: worker.workerId,
    workerName: worker.head.name,
    subject: subject ?? null,
    versionId,
    deploymentId,
    requestId: caller.requestId,
  });
  const [first, ...rest] = entries;
  return [row(first), ...rest.map(row)];
}
