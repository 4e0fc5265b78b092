/** Asks a node to start a version in a process of its own before it is accepted. */
import { CorralError, isSecret, redactedText } from "@corral/base";
import type { ProveAnswer } from "@corral/contract";
import type { ModuleRow, VersionInfo } from "@corral/storage";
import type { Parts } from "./parts.ts";
import type { NewVersion } from "./plan-change.ts";
import type { WorkerState } from "./state/workers.ts";
import { base64, feedKeys, feedVersion } from "./wire-forms.ts";

export type StartFacts = Pick<VersionInfo, "startupTimeMs" | "handlers" | "namedHandlers">;

/** What the prover gives a top level; its own deadline, repeated in our message. */
export const START_LIMIT_MS = 5000;

/** undefined when no node is there to ask. Throws "upload.start-failed" and "upload.start-timeout". */
export async function proveVersion(
  parts: Parts,
  state: WorkerState,
  version: NewVersion,
  modules: readonly ModuleRow[],
): Promise<StartFacts | undefined> {
  if (parts.prover === undefined) return undefined;
  const { workerId, accountId } = state.worker;
  const { manifest, records } = version;
  const sealedManifest = state.crypto.authenticator.sealManifest(manifest);
  const fresh = new Map(records.map((record) => [record.recordId, record]));
  const inherited = manifest.bindings.filter(isSecret).filter(({ recordId }) => !fresh.has(recordId));
  const stored = await parts.store.versions.listRecords(
    workerId,
    inherited.map(({ recordId }) => recordId),
  );
  const answer = await parts.prover.prove({
    accountId,
    workerId,
    keys: feedKeys(parts.keyring, workerId, state.crypto.keys),
    version: feedVersion({ versionId: manifest.versionId, manifest: sealedManifest.bytes, mac: sealedManifest.mac }, [
      ...records,
      ...stored,
    ]),
    modules: Object.fromEntries(unstored(state, modules).map(({ sha256, bytes }) => [sha256, base64(bytes)])),
  });
  return answer === undefined ? undefined : startFacts(answer);
}

/** The node has, or can ask for, what the newest version has. */
function unstored(state: WorkerState, modules: readonly ModuleRow[]): readonly ModuleRow[] {
  const stored = new Set(state.newest?.manifest.modules.map(({ sha256 }) => sha256));
  return modules.filter(({ sha256 }) => !stored.has(sha256));
}

function startFacts(answer: ProveAnswer): StartFacts {
  if (answer.ok) {
    const { startupTimeMs, handlers, namedHandlers } = answer;
    return { startupTimeMs: Math.max(0, Math.round(startupTimeMs)), handlers, namedHandlers };
  }
  if (answer.kind === "hung") throw new CorralError("upload.start-timeout", { params: { limit: START_LIMIT_MS } });
  // The agent has redacted it: it holds the values, and we do not.
  throw new CorralError("upload.start-failed", { params: { reason: redactedText(answer.reason) } });
}
