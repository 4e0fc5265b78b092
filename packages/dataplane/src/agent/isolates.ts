/**
 * What isolates there may be: the agent's side of every load. An id is made of all that the isolate's content depends
 * on, so it never stands for two things; what is no longer wanted is forgotten only after its isolate was evicted.
 */
import type { Uuid } from "@corral/base";
import type { PlacedVersion } from "../loader/version.ts";

export interface IsolateEntry {
  readonly version: PlacedVersion;
  readonly logs: boolean;
}

export class Isolates {
  readonly #entries = new Map<string, IsolateEntry>();
  readonly #failed = new Set<string>();
  readonly #byWorker = new Map<Uuid, Set<string>>();

  /** Registers and names it; the first version under an id stays. */
  put(version: PlacedVersion, logs: boolean): string {
    const isolate = `${version.manifest.versionId}${logs ? "-t" : ""}`;
    if (!this.#entries.has(isolate)) {
      this.#entries.set(isolate, { version, logs });
      const { workerId } = version.manifest;
      const ofWorker = this.#byWorker.get(workerId) ?? new Set();
      this.#byWorker.set(workerId, ofWorker.add(isolate));
    }
    return isolate;
  }

  /** For one load in a process without traffic; not among the Worker's. */
  putScratch(isolate: string, version: PlacedVersion): void {
    this.#entries.set(isolate, { version, logs: false });
  }

  /** It did not start: it is not to be taken for one that is there. */
  setFailed(isolate: string, failed: boolean): void {
    if (failed && this.#entries.has(isolate)) this.#failed.add(isolate);
    else this.#failed.delete(isolate);
  }

  hasFailed(isolate: string): boolean {
    return this.#failed.has(isolate);
  }

  find(isolate: string): IsolateEntry | undefined {
    return this.#entries.get(isolate);
  }

  forget(isolate: string): void {
    const entry = this.#entries.get(isolate);
    if (entry === undefined) return;
    this.#entries.delete(isolate);
    this.#failed.delete(isolate);
    const { workerId } = entry.version.manifest;
    const ofWorker = this.#byWorker.get(workerId);
    ofWorker?.delete(isolate);
    if (ofWorker?.size === 0) this.#byWorker.delete(workerId);
  }

  ofWorker(workerId: Uuid): readonly string[] {
    return [...(this.#byWorker.get(workerId) ?? [])];
  }

  /** Every version of a Worker that may still run here; the redactor needs the values of all of them. */
  versionsOf(workerId: Uuid): readonly PlacedVersion[] {
    const versions = new Set<PlacedVersion>();
    for (const isolate of this.ofWorker(workerId)) {
      const entry = this.#entries.get(isolate);
      if (entry !== undefined) versions.add(entry.version);
    }
    return [...versions];
  }
}
