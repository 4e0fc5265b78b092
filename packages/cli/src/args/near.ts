/** The known words nearest to one that was typed, nearest first; empty when none is near enough to be what was meant. */
export function nearest(typed: string, known: readonly string[], most = 3): string[] {
  const limit = Math.max(1, Math.min(3, Math.floor(typed.length / 3)));
  return known
    .map((word) => ({ word, distance: distance(typed.toLowerCase(), word.toLowerCase(), limit) }))
    .filter((one) => one.distance <= limit && one.word !== typed)
    .toSorted((a, b) => a.distance - b.distance || (a.word < b.word ? -1 : 1))
    .slice(0, most)
    .map((one) => one.word);
}

/** Optimal string alignment (Levenshtein with neighbours swapped); anything over `limit` is reported as more than it. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let least = Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (previous[column - 1] ?? 0) + same);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        least = Math.min(least, (older[column - 2] ?? 0) + 1);
      }
      current.push(least);
    }
    older = previous;
    previous = current;
  }
  return previous[b.length] ?? limit + 1;
}
