/** Reads of a Worker with its head verified: whoever writes the database cannot move names or traffic unnoticed. */
import { type AccountId, CorralError, hexToUuid, isAccountId } from "@corral/base";
import type { Store, WorkerRow } from "@corral/storage";
import type { KnownVersion, KnownVersions } from "./known-versions.ts";
import type { WorkerCrypto, WorkerKeys } from "./worker-keys.ts";

/** A Worker as it is stored; `changeSeq` is the store's own business. */
export type WorkerFacts = Omit<WorkerRow, "changeSeq">;

/** What a use case decides upon. */
export interface WorkerState {
  readonly worker: WorkerFacts;
  readonly crypto: WorkerCrypto;
  /** The newest version, deployed or not. */
  readonly newest: KnownVersion | undefined;
}

export class Workers {
  readonly #store: Store;
  readonly #keys: WorkerKeys;
  readonly #versions: KnownVersions;

  constructor(store: Store, keys: WorkerKeys, versions: KnownVersions) {
    this.#store = store;
    this.#keys = keys;
    this.#versions = versions;
  }

  /** By name or, failing that, by the 32 hex digits of its id. Another account's Worker is not found. */
  async findRow(accountId: AccountId, nameOrId: string): Promise<WorkerFacts | undefined> {
    const named = await this.#store.workers.find(accountId, nameOrId);
    if (named !== undefined) {
      if (named.head.name !== nameOrId) throw new CorralError("manifest.forged");
      return named;
    }
    // A Worker's id has the form of an account's: 32 hex digits.
    if (!isAccountId(nameOrId)) return undefined;
    const identified = await this.#store.workers.findById(hexToUuid(nameOrId));
    return identified?.accountId === accountId ? identified : undefined;
  }

  /** Throws "manifest.forged". */
  async find(accountId: AccountId, nameOrId: string): Promise<WorkerState | undefined> {
    const row = await this.findRow(accountId, nameOrId);
    return row === undefined ? undefined : this.verify(row);
  }

  async verify(worker: WorkerFacts): Promise<WorkerState> {
    const crypto = await this.verifyHead(worker);
    const { newestVersionId } = worker.head;
    if (newestVersionId === null) return { worker, crypto, newest: undefined };
    const newest = await this.#versions.find(crypto, worker.workerId, newestVersionId);
    if (newest === undefined) throw new CorralError("storage.corrupt");
    return { worker, crypto, newest };
  }

  async verifyHead(worker: WorkerFacts): Promise<WorkerCrypto> {
    const crypto = await this.#keys.get(worker.accountId, worker.workerId);
    if (worker.head.workerId !== worker.workerId || worker.head.accountId !== worker.accountId) {
      throw new CorralError("manifest.forged");
    }
    crypto.authenticator.verifyHead(worker.head, worker.headMac);
    return crypto;
  }
}
