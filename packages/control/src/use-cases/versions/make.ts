/**
 * A version from an upload or a settings edit. PUT, POST versions, PATCH settings and PUT content differ only in what
 * they state, keep and deploy.
 *
 *   outside the lane   check · read · seal what is stated · derive · try to start it
 *   in the lane        derive again from what is newest now · commit
 *
 * A trial start takes long, so it does not hold up the Worker's other writers. What these change meanwhile is inherited
 * by the second derivation, and is not tried again: it is as if it had been changed after the upload.
 */
import { hash } from "node:crypto";
import { CorralError, type Manifest, type ManifestModule, newUuid, type ScriptSettings } from "@corral/base";
import { authorEmail } from "../../authorise.ts";
import { type Decision, mutate } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import { isUnborn, type NewVersion, planChange, stampFor } from "../../plan-change.ts";
import { proveVersion, type StartFacts } from "../../prove.ts";
import { checkInputs } from "../../rules/binding-inputs.ts";
import { deriveBindings, type Derived, type KeepRule, serviceTargets } from "../../rules/bindings.ts";
import { etagOf } from "../../rules/etag.ts";
import { mergeSettings } from "../../rules/settings.ts";
import { checkTag, keepMessage } from "../../rules/text.ts";
import { unwrap } from "../../rules/unwrap.ts";
import { checkCode, checkCompatibility, type Code } from "../../rules/upload.ts";
import { sealStated, type Stated } from "../../seal.ts";
import type { KnownVersion } from "../../state/known-versions.ts";
import type { WorkerState } from "../../state/workers.ts";
import type { BindingInput, Caller, SettingsPatch, Upload } from "../../types.ts";
import { inheritedVersions, mustHaveTargets } from "./inherited.ts";

/** Runtime settings of a version; what is not stated comes from the newest version. */
export type Runtime = Partial<Pick<Upload, "compatibilityDate" | "compatibilityFlags" | "usageModel" | "limits" | "placement">>;

export interface MakeVersion {
  /** "keep": the newest version's. */
  readonly code: Code | "keep";
  readonly bindings: readonly BindingInput[];
  readonly keep: KeepRule;
  readonly strictInherit: boolean;
  readonly runtime: Runtime;
  readonly annotations: Pick<SettingsPatch, "message" | "tag"> & { readonly alias?: string | null };
  readonly settings: Partial<ScriptSettings>;
  readonly triggeredBy: string;
  /** undefined: the version is not deployed. */
  readonly deployment: { readonly triggeredBy: string; readonly message: string | null } | undefined;
  /** Whether it is tried before it is accepted. */
  readonly prove: boolean;
  /** Finds the Worker, or makes one; throws when this kind of version cannot be made of it. */
  subject(state: WorkerState | undefined): WorkerState;
}

export interface Made {
  readonly state: WorkerState;
  readonly version: KnownVersion;
}

/** A Worker that appeared or vanished between the two halves: its keys are others, so the first half starts again. */
class SubjectChanged extends Error {
  override readonly name = "SubjectChanged";
}

const ROUNDS = 4;

export async function makeVersion<T>(
  parts: Parts,
  caller: Caller,
  worker: string,
  request: MakeVersion,
  result: (made: Made) => T,
): Promise<T> {
  unwrap(checkInputs(request.bindings, parts.limits, parts.policy.unsupportedBindings));
  unwrap(checkCompatibility(request.runtime.compatibilityDate, request.runtime.compatibilityFlags));
  unwrap(checkTag(request.annotations.tag ?? null, parts.limits.tagBytes));
  if (request.code !== "keep") unwrap(checkCode(request.code, parts.limits));
  const code = request.code === "keep" ? undefined : storedCode(request.code);
  for (let round = 0; round < ROUNDS; round++) {
    try {
      return await tryMake(parts, caller, worker, request, code, result);
    } catch (error) {
      if (!(error instanceof SubjectChanged)) throw error;
    }
  }
  throw new CorralError("worker.conflict");
}

async function tryMake<T>(
  parts: Parts,
  caller: Caller,
  worker: string,
  request: MakeVersion,
  code: StoredCode | undefined,
  result: (made: Made) => T,
): Promise<T> {
  const subject = request.subject(await parts.workers.find(caller.accountId, worker));
  await mustHaveTargets(parts, caller, serviceTargets(request.bindings, subject.worker.head.name));
  const stated = sealStated(parts, subject, request.bindings, stampFor(parts, subject));
  const trial = await buildVersion(parts, caller, subject, request, code, stated, undefined);
  const start = request.prove ? await proveVersion(parts, subject, trial.version, code?.modules ?? []) : undefined;
  return mutate(parts, caller, worker, async (found) => {
    const now = request.subject(found);
    const state = isUnborn(now) && isUnborn(subject) ? subject : now;
    if (state.worker.workerId !== subject.worker.workerId) throw new SubjectChanged();
    return decide(parts, caller, state, request, await buildVersion(parts, caller, state, request, code, stated, start), result);
  });
}

async function decide<T>(
  parts: Parts,
  caller: Caller,
  state: WorkerState,
  request: MakeVersion,
  { version, stamp }: { readonly version: NewVersion; readonly stamp: string },
  result: (made: Made) => T,
): Promise<Decision<T>> {
  const { versionId } = version.manifest;
  const { plan, next } = await planChange(parts, caller, state, stamp, {
    version,
    settings: mergeSettings(state.worker.settings, request.settings),
    ...(request.deployment !== undefined && {
      deployment: { shares: [{ versionId, percentage: 100 }], ...request.deployment },
    }),
    audit: isUnborn(state) ? [{ action: "worker.create" }, { action: "version.create" }] : [{ action: "version.create" }],
  });
  if (next.newest === undefined) throw new CorralError("internal");
  const made = { state: next, version: next.newest };
  parts.versions.add(made.version, version.envBytes, version.records);
  return {
    plan,
    next,
    result: result(made),
  };
}

interface StoredCode extends Omit<Code, "modules"> {
  readonly modules: readonly { readonly sha256: string; readonly bytes: Uint8Array }[];
  readonly entries: readonly ManifestModule[];
}

function storedCode(code: Code): StoredCode {
  const hashed = code.modules.map((module) => ({ module, sha256: hash("sha256", module.bytes, "hex") }));
  return {
    syntax: code.syntax,
    mainModule: code.mainModule,
    modules: hashed.map(({ module, sha256 }) => ({ sha256, bytes: module.bytes })),
    entries: hashed.map(({ module: { name, type, contentType, bytes }, sha256 }) => ({
      name,
      type,
      contentType,
      sha256,
      size: bytes.length,
    })),
  };
}

async function buildVersion(
  parts: Parts,
  caller: Caller,
  state: WorkerState,
  request: MakeVersion,
  code: StoredCode | undefined,
  stated: Stated,
  start: StartFacts | undefined,
): Promise<{ readonly version: NewVersion; readonly stamp: string }> {
  const base = state.newest;
  const kept = code === undefined ? base?.manifest : undefined;
  if (code === undefined && kept === undefined) throw new CorralError("worker.no-versions");
  const derived = unwrap(
    deriveBindings({
      stated: stated.bindings,
      keep: request.keep,
      strictInherit: request.strictInherit,
      base: base?.manifest,
      version: await inheritedVersions(parts, state, request.bindings),
      modules: code?.entries ?? kept?.modules ?? [],
      maxBindings: parts.limits.bindings,
    }),
  );
  const stamp = stampFor(parts, state);
  const manifest = manifestOf(parts, state, request, code ?? kept, derived, stamp);
  const fresh = new Map(stated.records.map((record) => [record.recordId, record]));
  const envBytes = await parts.versions.countEnv(state.worker.workerId, manifest, fresh);
  const limit = parts.limits.envBytes;
  if (envBytes > limit) throw new CorralError("env.too-large", { params: { size: envBytes, limit } });
  const facts = start ?? (code === undefined && base !== undefined ? base.info : UNKNOWN_START);
  return {
    stamp,
    version: {
      manifest,
      envBytes,
      records: stated.records,
      modules: code?.modules ?? [],
      info: {
        source: caller.source,
        authorId: caller.tokenId,
        authorEmail: authorEmail(caller),
        message: keepMessage(request.annotations.message ?? null, parts.limits.messageBytes),
        alias: request.annotations.alias ?? null,
        triggeredBy: request.triggeredBy,
        startupTimeMs: facts.startupTimeMs,
        handlers: facts.handlers,
        namedHandlers: facts.namedHandlers,
        etag: etagOf(manifest.mainModule, manifest.modules),
        lastDeployedFrom: caller.source,
      },
    },
  };
}

/** When no node is there to say: what nearly every Worker has. */
const UNKNOWN_START: StartFacts = { startupTimeMs: 0, handlers: ["fetch"], namedHandlers: [] };

function manifestOf(
  parts: Parts,
  state: WorkerState,
  request: MakeVersion,
  code: Pick<Manifest, "syntax" | "mainModule"> | undefined,
  derived: Derived,
  createdOn: string,
): Manifest {
  const base = state.newest?.manifest;
  const { runtime } = request;
  // An upload states its runtime wholly; a settings edit only what changes.
  const stated = <K extends keyof Runtime>(key: K, absent: NonNullable<Upload[K]> | null): Upload[K] =>
    (key in runtime ? runtime[key] : (base?.[key] ?? absent)) as Upload[K];
  const date = stated("compatibilityDate", null);
  return {
    format: 1,
    versionId: newUuid(parts.ids),
    workerId: state.worker.workerId,
    number: state.worker.head.newestNumber + 1,
    createdOn,
    tag: unwrap(checkTag(request.annotations.tag ?? null, parts.limits.tagBytes)),
    syntax: code?.syntax ?? "module",
    mainModule: code?.mainModule ?? "",
    modules: derived.modules,
    compatibilityDate: date === "" ? null : date,
    compatibilityFlags: stated("compatibilityFlags", []),
    usageModel: stated("usageModel", "standard"),
    limits: stated("limits", null),
    placement: stated("placement", null),
    bindings: derived.bindings,
  };
}
