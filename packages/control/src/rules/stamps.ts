import { timestamp } from "@corral/base";

/**
 * The time of a Worker's next change: clients sort by it as text, so it only grows, also when the clock stands still
 * or steps back.
 */
export function nextStamp(nowMs: number, previous: string | undefined): string {
  const now = timestamp(nowMs);
  if (previous === undefined || now > previous) return now;
  const dot = previous.lastIndexOf(".");
  const micros = Number(previous.slice(dot + 1, -1)) + 1;
  if (micros < 1_000_000) return `${previous.slice(0, dot)}.${String(micros).padStart(6, "0")}Z`;
  return timestamp(Date.parse(`${previous.slice(0, dot)}Z`) + 1000);
}
