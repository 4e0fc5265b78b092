import type { Head } from "@corral/base";

/**
 * Whether the newest version is all of the active deployment's traffic: what 10215 and 10214 ask for (design.md 7).
 * Versions at 0 % beside it do not count.
 */
export function isFullyDeployed(head: Pick<Head, "newestVersionId" | "shares">): boolean {
  let newest = false;
  for (const share of head.shares) {
    if (share.percentage === 0) continue;
    if (share.versionId !== head.newestVersionId) return false;
    newest = true;
  }
  return newest;
}
