/** What an upload's bindings refer to outside of itself. */
import { CorralError, type Manifest, type SafeText } from "@corral/base";
import type { Parts } from "../../parts.ts";
import type { WorkerState } from "../../state/workers.ts";
import type { BindingInput, Caller } from "../../types.ts";
import { findRetained } from "./get.ts";

/** The retained versions that `inherit` bindings name; a lookup for the rule. */
export async function inheritedVersions(
  parts: Parts,
  state: WorkerState,
  inputs: readonly BindingInput[],
): Promise<(id: string) => Manifest | undefined> {
  const versions = new Map<string, Manifest>();
  for (const input of inputs) {
    if (input.type !== "inherit" || input.versionId === undefined || versions.has(input.versionId)) continue;
    const version = await findRetained(parts, state, input.versionId);
    if (version !== undefined) versions.set(input.versionId, version.manifest);
  }
  return (id) => versions.get(id);
}

/** Throws "binding.service-missing" (10144). */
export async function mustHaveTargets(parts: Parts, caller: Caller, targets: ReadonlyMap<string, SafeText>): Promise<void> {
  for (const [service, binding] of targets) {
    const worker = await parts.store.workers.find(caller.accountId, service);
    if (worker === undefined) throw new CorralError("binding.service-missing", { params: { name: binding } });
  }
}
