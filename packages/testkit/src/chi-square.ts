/** Does a sample fit its shares? */

/**
 * Pearson's statistic against its critical value at one in a million, so that a test that relies on it fails by chance
 * once in a million runs. `observed` and `shares` go together; shares sum to 1, 2 to 4 of them above 0.
 */
export function fitsShares(observed: readonly number[], shares: readonly number[]): boolean {
  const total = observed.reduce((sum, count) => sum + count, 0);
  let statistic = 0;
  let classes = 0;
  shares.forEach((share, index) => {
    const count = observed[index] ?? 0;
    if (share === 0) {
      statistic += count === 0 ? 0 : Number.POSITIVE_INFINITY;
      return;
    }
    classes += 1;
    statistic += (count - total * share) ** 2 / (total * share);
  });
  // Critical values of the chi-square distribution at p = 1e-6 for 0, 1, 2 and 3 degrees of freedom.
  return statistic <= ([0, 23.93, 27.63, 30.66][classes - 1] ?? Number.NaN);
}
