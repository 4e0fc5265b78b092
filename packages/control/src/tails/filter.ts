/** Whether an invocation is one that this tail wants. It looks at redacted texts only, so it cannot be asked for a value. */
import { parseJson } from "@corral/base";
import type { FeedTrace, TailFilter } from "@corral/contract";

export interface TailMatcher {
  readonly filters: readonly TailFilter[];
  /** Of who began the tail; what "self" stands for. */
  readonly clientAddress: string;
  /** From 0 to below 1, a fresh one for each trace. */
  chance(): number;
}

/** A request that came through no proxy came from this machine: that is where Workers listen. */
const NO_PROXY = "127.0.0.1";
const CLIENT_HEADERS = ["cf-connecting-ip", "x-real-ip", "x-forwarded-for"];

export function isWanted(trace: FeedTrace, matcher: TailMatcher): boolean {
  return matcher.filters.every((filter) => holds(trace, filter, matcher));
}

function holds(trace: FeedTrace, filter: TailFilter, matcher: TailMatcher): boolean {
  const request = trace.event?.kind === "request" ? trace.event : undefined;
  switch (filter.by) {
    case "sampling":
      return matcher.chance() < filter.rate;
    case "outcome":
      return filter.outcomes.includes(trace.outcome);
    case "method":
      return request !== undefined && filter.methods.includes(request.method.toUpperCase());
    case "header": {
      const values = request?.headers.filter(([name]) => name.toLowerCase() === filter.name) ?? [];
      return values.some(([, value]) => value.includes(filter.value ?? ""));
    }
    case "client-ip": {
      if (request === undefined) return false;
      const address = clientOf(request.headers);
      return filter.addresses.some((wanted) => (wanted === "self" ? matcher.clientAddress : plainAddress(wanted)) === address);
    }
    case "text":
      return textsOf(trace).some((text) => text.includes(filter.text));
    case "version":
      return trace.versionId === filter.versionId;
    default:
      return false;
  }
}

function clientOf(headers: readonly (readonly [string, string])[]): string {
  for (const wanted of CLIENT_HEADERS) {
    const value = headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
    if (value !== undefined) return plainAddress(value.split(",")[0]?.trim() ?? "");
  }
  return NO_PROXY;
}

/** An IPv4 address may be written as an IPv6 one, and loopback has two names. */
export function plainAddress(address: string): string {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  return plain === "::1" ? NO_PROXY : plain;
}

function textsOf({ logs, exceptions }: FeedTrace): readonly string[] {
  return [
    ...logs.flatMap(({ message }) => message.map(shownText)),
    ...exceptions.map(({ name, message }) => `${name}: ${message}`),
  ];
}

/** A text as it was given; anything else as its JSON. */
function shownText(json: string): string {
  const parsed = json.startsWith('"') ? parseJson(json) : undefined;
  return parsed?.ok === true && typeof parsed.value === "string" ? parsed.value : json;
}
