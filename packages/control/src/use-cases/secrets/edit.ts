/** What put, delete, bulk and the undeployed edits share: a version from the newest one with these secrets changed. */
import { CorralError, newUuid } from "@corral/base";
import type { RecordRow } from "@corral/storage";
import { authorEmail } from "../../authorise.ts";
import { draftVersion } from "../../draft.ts";
import type { Decision } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import { type AuditEntry, type NewVersion, planChange, stampFor } from "../../plan-change.ts";
import { countBinding } from "../../rules/env-size.ts";
import { isFullyDeployed } from "../../rules/fully-deployed.ts";
import { checkBindingName } from "../../rules/names.ts";
import { type EditedBindings, editSecrets, type SecretEdit } from "../../rules/secret-edit.ts";
import { checkTag, keepMessage } from "../../rules/text.ts";
import { unwrap } from "../../rules/unwrap.ts";
import { sealSecret } from "../../seal.ts";
import type { KnownVersion } from "../../state/known-versions.ts";
import type { WorkerState } from "../../state/workers.ts";
import type { Caller, SecretChanges, VersionAnnotations } from "../../types.ts";

export interface EditOptions {
  /** Deploys the new version at 100 %, which needs the newest one to be there already (10215). */
  readonly deploy: boolean;
  readonly annotations: VersionAnnotations;
  /** Makes a version also when no secret changes: the caller asked for a version. */
  readonly evenIfUnchanged?: boolean;
}

/** Names and sizes, before anything is read. */
export function checkChanges(parts: Parts, changes: SecretChanges): void {
  const { bulk } = parts.limits;
  if (changes.size > bulk) throw new CorralError("secret.bulk-too-many", { params: { count: changes.size, limit: bulk } });
  for (const name of changes.keys()) unwrap(checkBindingName(name));
}

/** Throws "secret.version-not-deployed" (10215). */
export function mustBeFullyDeployed(state: WorkerState): void {
  if (!isFullyDeployed(state.worker.head)) throw new CorralError("secret.version-not-deployed");
}

/** `undefined` when nothing would change. */
export async function decideEdit(
  parts: Parts,
  caller: Caller,
  state: WorkerState,
  changes: SecretChanges,
  options: EditOptions,
): Promise<Decision<KnownVersion> | undefined> {
  const stamp = stampFor(parts, state);
  const base = state.newest ?? draftVersion(parts, caller, state, stamp);
  const records: RecordRow[] = [];
  const edit: SecretEdit[number][] = [];
  for (const [name, secret] of changes) {
    if (secret === null) edit.push({ name, secret: null });
    else {
      const sealed = sealSecret(parts, state, secret, stamp);
      records.push(sealed.record);
      edit.push({ name, secret: sealed.binding });
    }
  }
  const edited = unwrap(editSecrets(base.manifest.bindings, edit, parts.limits.bindings));
  const changed = records.length > 0 || edited.dropped.length > 0;
  if (!changed && options.evenIfUnchanged !== true) return undefined;
  const version: NewVersion = {
    manifest: {
      ...base.manifest,
      versionId: newUuid(parts.ids),
      number: state.worker.head.newestNumber + 1,
      createdOn: stamp,
      tag: unwrap(checkTag(options.annotations.tag, parts.limits.tagBytes)),
      bindings: edited.bindings,
    },
    info: {
      ...base.info,
      source: caller.source,
      authorId: caller.tokenId,
      authorEmail: authorEmail(caller),
      message: keepMessage(options.annotations.message, parts.limits.messageBytes),
      alias: null,
      triggeredBy: "secret",
      lastDeployedFrom: caller.source,
    },
    envBytes: await envAfter(parts, state, base, edited, edit, records),
    records,
    modules: "modules" in base ? base.modules : [],
  };
  const { manifest, envBytes } = version;
  const { plan, next } = await planChange(parts, caller, state, stamp, {
    version,
    ...(options.deploy && {
      deployment: { shares: [{ versionId: manifest.versionId, percentage: 100 }], message: null, triggeredBy: "secret" },
    }),
    audit: auditOf(edit),
  });
  const { newest } = next;
  if (newest === undefined) throw new CorralError("internal");
  // Already now: the Worker's next writer may build upon it before it is stored. Nobody else knows its id.
  parts.versions.add(newest, envBytes, records);
  return { plan, next, result: newest };
}

/** The base's size, less what went, plus what came: no other record is looked at. */
async function envAfter(
  parts: Parts,
  state: WorkerState,
  base: Pick<KnownVersion, "manifest">,
  edited: EditedBindings,
  edit: SecretEdit,
  records: readonly RecordRow[],
): Promise<number> {
  const { workerId } = state.worker;
  const before = state.newest === undefined ? 0 : await parts.versions.envBytes(workerId, base.manifest);
  const droppedIds = edited.dropped.map(({ recordId }) => recordId);
  const dropped = await parts.versions.facts(workerId, droppedIds);
  const added = new Map(records.map((record) => [record.recordId, record]));
  const sizes = {
    record: (recordId: string) => (added.get(recordId) ?? dropped.get(recordId))?.countedBytes ?? 0,
    part: () => 0,
    parse: () => null,
  };
  let bytes = before;
  for (const binding of edited.dropped) bytes -= countBinding(binding, sizes);
  for (const { secret } of edit) if (secret !== null) bytes += countBinding(secret, sizes);
  // A smaller env is accepted also where the limit was lowered since.
  if (bytes > parts.limits.envBytes && bytes > before) throw envTooLarge(bytes, parts.limits.envBytes);
  return bytes;
}

export function envTooLarge(size: number, limit: number): CorralError {
  return new CorralError("env.too-large", { params: { size, limit } });
}

function auditOf(edit: SecretEdit): readonly [AuditEntry, ...AuditEntry[]] {
  const [first, ...rest] = edit.map(({ name, secret }) => ({
    action: secret === null ? "secret.delete" : "secret.put",
    subject: name,
  }));
  return first === undefined ? [{ action: "version.create" }] : [first, ...rest];
}
