/** From state to what callers may see: a manifest holds no values, so it may be shown whole. */
import { CorralError, type Head } from "@corral/base";
import type { KnownVersion } from "./state/known-versions.ts";
import type { WorkerState } from "./state/workers.ts";
import type { VersionView, WorkerView } from "./types.ts";

export function versionView(head: Head, version: Pick<KnownVersion, "manifest" | "info">): VersionView {
  return { manifest: version.manifest, info: version.info, hasPreview: head.previews };
}

export function workerView(state: WorkerState): WorkerView {
  const { workerId, createdOn, modifiedOn, head, settings } = state.worker;
  const newest = state.newest === undefined ? undefined : versionView(head, state.newest);
  return { workerId, createdOn, modifiedOn, head, settings, newest };
}

/** Throws "worker.not-found", also for another account's Worker. */
export function mustExist(state: WorkerState | undefined): WorkerState {
  if (state === undefined) throw new CorralError("worker.not-found");
  return state;
}

/** Throws "worker.no-versions". */
export function mustHaveVersions(state: WorkerState): KnownVersion {
  if (state.newest === undefined) throw new CorralError("worker.no-versions");
  return state.newest;
}
