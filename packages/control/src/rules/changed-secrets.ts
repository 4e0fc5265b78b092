/**
 * 10220: going back to a version whose secrets differ from what is live.
 *
 * "Changed?" compares record ids first, keyed fingerprints second (design.md 6): a secret that was put again with the
 * same value has not changed.
 */
import { type Binding, type Head, isSecret, type SecretBinding, type Uuid } from "@corral/base";
import { compareNames } from "./names.ts";

/** A target that is not in the active deployment and older than its newest version (design.md 7). */
export function isGoingBack(
  head: Pick<Head, "shares">,
  target: { readonly versionId: Uuid; readonly number: number },
  newestActiveNumber: number,
): boolean {
  return target.number < newestActiveNumber && !head.shares.some((share) => share.versionId === target.versionId);
}

export interface SecretDifferences {
  /** Added, removed, or of another type. */
  readonly certain: readonly string[];
  /** Different records under one name: their fingerprints decide. */
  readonly undecided: readonly { readonly name: string; readonly left: Uuid; readonly right: Uuid }[];
}

export function secretDifferences(left: readonly Binding[], right: readonly Binding[]): SecretDifferences {
  const others = new Map(right.filter(isSecret).map((binding) => [binding.name, binding]));
  const certain: string[] = [];
  const undecided: { name: string; left: Uuid; right: Uuid }[] = [];
  for (const binding of left) {
    if (!isSecret(binding)) continue;
    const other = others.get(binding.name);
    others.delete(binding.name);
    if (other === undefined || !sameKind(binding, other)) certain.push(binding.name);
    else if (binding.recordId !== other.recordId) {
      undecided.push({ name: binding.name, left: binding.recordId, right: other.recordId });
    }
  }
  certain.push(...others.keys());
  return { certain, undecided };
}

/** A key that is used in another way is another secret, whatever its bytes. */
function sameKind(a: SecretBinding, b: SecretBinding): boolean {
  if (a.type !== "secret_key" || b.type !== "secret_key") return a.type === b.type;
  return a.format === b.format && a.algorithm === b.algorithm && a.usages.join(" ") === b.usages.join(" ");
}

/** Names that differ, in byte order. A record whose fingerprint is not known counts as changed. */
export function changedNames(differences: SecretDifferences, same: (left: Uuid, right: Uuid) => boolean): readonly string[] {
  const changed = differences.undecided.filter(({ left, right }) => !same(left, right)).map(({ name }) => name);
  return [...differences.certain, ...changed].toSorted(compareNames);
}
