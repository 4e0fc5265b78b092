/** How traffic is divided: `<version>@20%` as it is typed, and the rules of the wire (wire.md 6.5). */
import type { ShareInfo } from "../../client/shapes.ts";
import { usage } from "../../output/errors.ts";

export interface Spec {
  /** An id, the beginning of one, or a tag. */
  readonly version: string;
  readonly percentage: number | undefined;
}

/** `id`, `id@20`, `id@20%`. */
export function parseSpec(word: string): Spec {
  const at = word.lastIndexOf("@");
  if (at < 0) return { version: word, percentage: undefined };
  return { version: word.slice(0, at), percentage: parsePercentage(word.slice(at + 1)) };
}

/** Three decimals at most. */
export function parsePercentage(text: string): number {
  const number = /^(\d{1,3}(?:\.\d{1,3})?)%?$/.exec(text)?.[1];
  if (number === undefined || Number(number) > 100) throw usage("A share is a percentage from 0 to 100, such as 20 or 12.5%.");
  return Number(number);
}

/** Gives what is left of 100 in equal parts to those without a share; checks the sum. */
export function completeShares(
  shares: readonly { readonly versionId: string; readonly percentage: number | undefined }[],
): ShareInfo[] {
  const given = round(shares.reduce((sum, one) => sum + (one.percentage ?? 0), 0));
  const open = shares.filter((one) => one.percentage === undefined).length;
  const each = open === 0 ? 0 : Math.floor(((100 - given) / open) * 1000) / 1000;
  if (given > 100) throw usage(`The shares sum to ${given}, and must sum to 100.`);
  // The last one takes what rounding left.
  let left = round(100 - given);
  let waiting = open;
  const complete = shares.map((one) => {
    if (one.percentage !== undefined) return { versionId: one.versionId, percentage: one.percentage };
    waiting -= 1;
    const percentage = waiting === 0 ? round(left) : each;
    left -= percentage;
    return { versionId: one.versionId, percentage };
  });
  const sum = round(complete.reduce((total, one) => total + one.percentage, 0));
  if (Math.abs(sum - 100) > 0.001)
    throw usage(`The shares sum to ${sum}, and must sum to 100.`, "For example: corral versions deploy <new>@20% <old>@80%");
  const ids = new Set(complete.map((one) => one.versionId));
  if (ids.size !== complete.length) throw usage("The same version is named twice.");
  return complete;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
