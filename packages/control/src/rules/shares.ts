import { CorralError, err, ok, ownWord, type Result, type Share } from "@corral/base";

/** Percentages are kept in thousandths, so that sums are exact. */
const THOUSAND = 1000;
const WHOLE = 100 * THOUSAND;
const FLOAT_NOISE = 1e-6;

function invalid(problem: string): { readonly ok: false; readonly error: CorralError } {
  return err(new CorralError("deployment.invalid", { params: { problem: ownWord(problem) } }));
}

/**
 * The shares of a deployment (design.md 7): three decimals, 0 to 100 each, the sum 100 ± 0.001, no duplicates,
 * 1 to `maxVersions` versions. Whether the versions exist is the caller's question.
 */
export function checkShares(shares: readonly Share[], maxVersions: number): Result<readonly Share[], CorralError> {
  if (shares.length === 0) return invalid("it has no version");
  if (shares.length > maxVersions) {
    return invalid(maxVersions === 2 ? "it has more than 2 versions" : "it has more versions than the configured limit");
  }
  const seen = new Set<string>();
  const rounded: Share[] = [];
  let sum = 0;
  for (const { versionId, percentage } of shares) {
    if (seen.has(versionId)) return invalid("a version is in it twice");
    seen.add(versionId);
    if (!Number.isFinite(percentage) || percentage < 0 || percentage > 100) return invalid("a percentage is not from 0 to 100");
    const thousandths = Math.round(percentage * THOUSAND);
    if (Math.abs(percentage * THOUSAND - thousandths) > FLOAT_NOISE) {
      return invalid("a percentage has more than three decimals");
    }
    sum += thousandths;
    rounded.push({ versionId, percentage: thousandths / THOUSAND });
  }
  if (Math.abs(sum - WHOLE) > 1) return invalid("the percentages do not sum to 100");
  return ok(rounded);
}
