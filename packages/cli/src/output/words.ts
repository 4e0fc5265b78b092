/** Small pieces of sentences. */

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

/** How long ago an ISO time was: `2 hours`; `a moment` when it is less than a second or unknown. */
export function ago(time: string, now = Date.now()): string {
  const elapsed = now - Date.parse(time);
  for (const [unit, length] of UNITS) {
    const count = Math.floor(elapsed / length);
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"}`;
  }
  return "a moment";
}

/** 65,536 */
export function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 secret`, `2 secrets` */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** `12 ms`, `3.4 s` */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
