/**
 * What the writer of one Worker knows: what was acknowledged, and the one change that was sent and not answered. After
 * a crash the Worker has all of the first, and the whole of the second or nothing of it (I1, I2, I3).
 */
import { randomInt } from "node:crypto";
import { type Canary, randomWord, type RunningCorral } from "@corral/testkit";

/** Name to new value; null deletes. */
type Change = ReadonlyMap<string, string | null>;

const NAMES = 24;

export class Ledger {
  readonly worker: string;
  acknowledgements = 0;
  /** Every value that was ever sent. */
  readonly values: string[] = [];
  #certain: ReadonlyMap<string, string> = new Map();
  #inFlight: Change | undefined;

  constructor(worker: string) {
    this.worker = worker;
  }

  /** Changes its Worker's secrets, one after the other, until told or until the connection breaks. Throws on any refusal. */
  async write(corral: RunningCorral, onAcknowledged: () => void, stop?: AbortSignal): Promise<void> {
    while (stop?.aborted !== true) {
      const change = this.#choose();
      this.#inFlight = change;
      const answer = await send(corral, this.worker, change).catch(() => undefined);
      if (answer === undefined) return;
      if (answer.status !== 200) throw new Error(`${this.worker} was answered ${answer.status}: ${answer.text}`);
      this.#certain = applied(this.#certain, change);
      this.#inFlight = undefined;
      this.acknowledgements += 1;
      onAcknowledged();
    }
  }

  /** One line for each secret that is not what it must be; afterwards the ledger knows what became of the last change. */
  settle(found: ReadonlyMap<string, string>): string[] {
    const before = this.#certain;
    const after = this.#inFlight === undefined ? before : applied(before, this.#inFlight);
    this.#inFlight = undefined;
    const missing = differences(found, before);
    if (missing.length === 0) return [];
    const extra = differences(found, after);
    if (extra.length === 0) this.#certain = after;
    return extra.map((name) => `${this.worker}: ${name} is neither what it was nor what it was to be`);
  }

  get certain(): ReadonlyMap<string, string> {
    return this.#certain;
  }

  canaries(): Canary[] {
    return this.values.map((value) => ({ name: this.worker, value, cores: [value] }));
  }

  #choose(): Change {
    const kind = randomInt(10);
    const present = [...this.#certain.keys()];
    const some = present[randomInt(Math.max(1, present.length))];
    if (kind < 2 && some !== undefined) return new Map([[some, null]]);
    if (kind < 6) return new Map([[randomName(), this.#newValue()]]);
    const bulk = new Map<string, string | null>(Array.from({ length: 5 }, () => [randomName(), this.#newValue()]));
    if (some !== undefined) bulk.set(some, null);
    return bulk;
  }

  #newValue(): string {
    const value = randomWord(24);
    this.values.push(value);
    return value;
  }
}

function send(corral: RunningCorral, worker: string, change: Change): ReturnType<RunningCorral["api"]> {
  const secrets = `/workers/scripts/${worker}/secrets`;
  const [first] = change;
  if (change.size === 1 && first !== undefined) {
    const [name, text] = first;
    if (text === null) return corral.api("DELETE", `${secrets}/${name}`);
    return corral.api("PUT", secrets, { name, text, type: "secret_text" });
  }
  const entries = [...change].map(([name, text]) => [name, text === null ? null : { name, text, type: "secret_text" }]);
  return corral.api("PATCH", `${secrets}-bulk`, { secrets: Object.fromEntries(entries) });
}

function randomName(): string {
  return `S_${randomInt(NAMES)}`;
}

function applied(to: ReadonlyMap<string, string>, change: Change): ReadonlyMap<string, string> {
  const next = new Map(to);
  for (const [name, value] of change) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  return next;
}

function differences(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name));
}
