/**
 * Which version of a Worker answers (wire.md 12): the override header, else the affinity key, else chance.
 * Plain data in, plain data out; the headers are only looked at when they are there.
 */
import { parseDictionary } from "structured-headers";
import { affinityPoint } from "./affinity.ts";
import type { Route, RoutedIsolate } from "./protocol.ts";

const OVERRIDES = "cloudflare-workers-version-overrides";
const KEY = "cloudflare-workers-version-key";

interface HeaderReader {
  get(name: string): string | null;
}

/** undefined: the Worker has nothing deployed. */
export function chooseIsolate(route: Route, headers: HeaderReader, random: () => number): RoutedIsolate | undefined {
  // Whatever the headers say, a single version is the one.
  if (route.isolates.length === 1) return route.isolates[0];
  const overrides = headers.get(OVERRIDES);
  const wanted = overrides === null ? undefined : findOverride(overrides, route.name);
  if (wanted !== undefined) {
    const found = route.isolates.find(({ versionId }) => versionId === wanted);
    if (found !== undefined) return found;
  }
  const key = headers.get(KEY);
  return isolateAt(route, key === null ? random() * 100 : affinityPoint(route.workerId, key));
}

/** Cumulative and newest first: while the newest version's share grows, no key leaves it. */
function isolateAt({ isolates, thresholds }: Route, point: number): RoutedIsolate | undefined {
  for (let at = 0; at < thresholds.length; at += 1) {
    if (point < (thresholds[at] ?? 0)) return isolates[at];
  }
  // Shares may sum to 99.999: what lies beyond belongs to the last version that has a share.
  for (let at = thresholds.length - 1; at >= 0; at -= 1) {
    if ((thresholds[at] ?? 0) > (thresholds[at - 1] ?? 0)) return isolates[at];
  }
  return undefined;
}

/** RFC 8941 dictionary, values strings; whatever else it is, it counts as absent. */
function findOverride(header: string, worker: string): string | undefined {
  try {
    const member = parseDictionary(header).get(worker);
    return typeof member?.[0] === "string" ? member[0].toLowerCase() : undefined;
  } catch {
    return undefined;
  }
}
