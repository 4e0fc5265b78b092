/**
 * How everything here is measured: the variants of a row take turns, round after round, in one process, and what
 * counts is the median of the rounds' ratios. Absolute numbers swing by a factor of two on a shared machine; the
 * ratio of two measurements a second apart does not.
 */
export const ROUNDS = 9;

/** One measurement of each variant per round, after a round that is thrown away. */
export async function takeTurns<Name extends string>(
  variants: Readonly<Record<Name, () => number | Promise<number>>>,
  rounds = ROUNDS,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const names = Object.keys(variants) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const result = await variants[name]();
      if (round > 0) results[name].push(result);
    }
  }
  return results;
}

export function medianRatio(above: readonly number[], below: readonly number[]): number {
  return percentile(
    above.map((value, round) => value / (below[round] ?? Number.NaN)),
    50,
  );
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Nearest rank; the median of an even count is the mean of the middle two. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[Math.min(Math.max(index, 0), sorted.length - 1)] ?? Number.NaN;
  if (percent === 50 && sorted.length % 2 === 0) return (at(sorted.length / 2 - 1) + at(sorted.length / 2)) / 2;
  return at(Math.ceil((percent / 100) * sorted.length) - 1);
}

/** Microseconds per call of something synchronous and short. */
export function microsecondsPerCall(calls: number, work: () => unknown): number {
  const start = performance.now();
  for (let call = 0; call < calls; call += 1) work();
  return ((performance.now() - start) / calls) * 1000;
}
