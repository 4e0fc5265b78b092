import type { Binding, Head, Uuid } from "@corral/base";
import { isSecret } from "@corral/base";
import type { DeploymentRow } from "@corral/storage";

/**
 * Whether a version may still be seen, deployed and inherited from: one of the active deployment, or one of the newest
 * `limit` (design.md 5). Rows are destroyed later, in batches; this rule is what callers see.
 */
export function isRetained(
  head: Pick<Head, "newestNumber" | "shares">,
  version: { readonly versionId: Uuid; readonly number: number },
  limit: number,
): boolean {
  return version.number > head.newestNumber - limit || head.shares.some((share) => share.versionId === version.versionId);
}

interface BoundVersion {
  readonly versionId: Uuid;
  readonly bindings: readonly Binding[];
}

/** Records of the doomed versions that no retained version binds. */
export function unboundRecords(doomed: readonly BoundVersion[], retained: readonly BoundVersion[]): readonly Uuid[] {
  const unbound = new Set<Uuid>();
  for (const version of doomed) {
    for (const binding of version.bindings) if (isSecret(binding)) unbound.add(binding.recordId);
  }
  for (const version of retained) {
    if (unbound.size === 0) break;
    for (const binding of version.bindings) if (isSecret(binding)) unbound.delete(binding.recordId);
  }
  return [...unbound];
}

/** Deployments (newest first) that the history drops: beyond `limit`, or naming a version that is gone. */
export function staleDeployments(
  deployments: readonly Pick<DeploymentRow, "deploymentId" | "shares">[],
  active: Uuid | null,
  doomed: ReadonlySet<Uuid>,
  limit: number,
): readonly Uuid[] {
  return deployments
    .filter(({ deploymentId, shares }, at) => {
      if (deploymentId === active) return false;
      return at >= limit || shares.some((share) => doomed.has(share.versionId));
    })
    .map(({ deploymentId }) => deploymentId);
}

/**
 * What must go for a secret's old values to be gone: every record that the name ever had and no protected version
 * binds, and every version that binds one of these, under whatever name. The newest version and those of the active
 * deployment are protected.
 */
export function doomedBySecret<Version extends BoundVersion>(
  versions: readonly Version[],
  head: Pick<Head, "newestVersionId" | "shares">,
  name: string,
): { readonly doomed: readonly Version[]; readonly retained: readonly Version[] } {
  const isProtected = ({ versionId }: Version): boolean =>
    versionId === head.newestVersionId || head.shares.some((share) => share.versionId === versionId);
  const records = new Set<Uuid>();
  for (const { bindings } of versions) {
    for (const binding of bindings) if (isSecret(binding) && binding.name === name) records.add(binding.recordId);
  }
  for (const version of versions.filter(isProtected)) {
    for (const binding of version.bindings) if (isSecret(binding)) records.delete(binding.recordId);
  }
  const binds = ({ bindings }: Version): boolean =>
    bindings.some((binding) => isSecret(binding) && records.has(binding.recordId));
  return { doomed: versions.filter(binds), retained: versions.filter((version) => !binds(version)) };
}
