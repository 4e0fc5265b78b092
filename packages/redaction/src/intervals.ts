/**
 * What is to be covered: stretches of text, each with the secret whose marker stands for it.
 *
 * Overlapping stretches are one; it carries the name of the one that begins first, and of the longer one of two that
 * begin together. Stretches that only touch stay apart, so that a value printed twice shows two markers.
 */
export interface Interval {
  readonly start: number;
  readonly end: number;
  readonly secret: number;
}

/** Adds a stretch that ends at or after all that are there. */
export function addInterval(intervals: Interval[], added: Interval): void {
  let { start, secret } = added;
  for (let top = intervals.at(-1); top !== undefined && top.end > added.start; top = intervals.at(-1)) {
    if (top.start < start) ({ start, secret } = top);
    intervals.pop();
  }
  intervals.push({ start, end: added.end, secret });
}

/** For stretches in any order. */
export function mergeIntervals(unordered: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const next of [...unordered].toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last !== undefined && next.start < last.end) {
      merged[merged.length - 1] = { ...last, end: Math.max(last.end, next.end) };
    } else {
      merged.push(next);
    }
  }
  return merged;
}
