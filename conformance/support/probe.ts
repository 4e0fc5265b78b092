/** A Worker that tells which code and which secrets it runs with, without telling a secret. */
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { RunningCorral } from "@corral/testkit";

export interface Seen {
  readonly code: string;
  /** Name to digest of a string's value; the type of anything else. */
  readonly env: Readonly<Record<string, string>>;
}

/** `mark` comes back as `code`. */
export function probe(mark: string): string {
  return `
const digest = async (text) => {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...bytes.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};
export default {
  async fetch(request, env) {
    const shown = {};
    for (const [name, value] of Object.entries(env)) shown[name] = typeof value === "string" ? await digest(value) : typeof value;
    return Response.json({ code: ${JSON.stringify(mark)}, env: shown });
  },
};
`;
}

/** What the probe shows for this value. */
export function digest(value: string): string {
  return createHash("sha256").update(value).digest("hex").slice(0, 16);
}

/** Name to digest, for a whole comparison. */
export function digests(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, digest(value)]));
}

export async function see(corral: RunningCorral, worker: string, headers: Readonly<Record<string, string>> = {}): Promise<Seen> {
  const answer = await corral.ask(worker, "/", headers);
  if (answer.status !== 200) throw new Error(`${worker} answered ${answer.status}: ${answer.text}`);
  return JSON.parse(answer.text) as Seen;
}

/** The header that asks for one version of one Worker. */
export function override(worker: string, versionId: string): Record<string, string> {
  return { "Cloudflare-Workers-Version-Overrides": `${worker}="${versionId}"` };
}

/**
 * Asks until the Worker shows what is expected, since nodes follow a commit within milliseconds and not at once.
 * Throws with what was seen last when it does not within the time.
 */
export async function eventually<T>(look: () => Promise<T>, holds: (seen: T) => boolean, withinMs = 10_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    let seen: T | undefined;
    let problem: unknown;
    try {
      seen = await look();
      if (holds(seen)) return seen;
    } catch (error) {
      problem = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`not within ${withinMs} ms; last seen: ${JSON.stringify(seen)}`, { cause: problem });
    }
    // The process under test shares the cores.
    await setTimeout(2);
  }
}
