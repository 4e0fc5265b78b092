/** Reads of a Worker with its head verified: whoever writes the database cannot move names or traffic unnoticed. */
import { type AccountId, CorralError, type Head, hexToUuid, isAccountId } from "@corral/base";
import type { Store, WorkerRow } from "@corral/storage";
import type { KnownVersion, KnownVersions } from "./known-versions.ts";
import { Lru } from "./lru.ts";
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

const CACHED_HEADS = 10_000;

export class Workers {
  readonly #store: Store;
  readonly #keys: WorkerKeys;
  readonly #versions: KnownVersions;
  /** Heads whose MACs held. A row that is the same in every field, MAC included, need not be verified again. */
  readonly #verified = new Lru<Authenticated>(CACHED_HEADS);

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
    const known = this.#verified.get(worker.workerId);
    if (known === undefined || !isSameHead(known, worker)) {
      crypto.authenticator.verifyHead(worker.head, worker.headMac);
      this.trust(worker);
    }
    return crypto;
  }

  /** For a head that was verified, or whose MAC this process has just made. */
  trust({ workerId, head, headMac }: WorkerFacts): void {
    this.#verified.set(workerId, { head, headMac });
  }
}

type Authenticated = Pick<WorkerFacts, "head" | "headMac">;

function isSameHead(a: Authenticated, b: Authenticated): boolean {
  return (
    Buffer.compare(a.headMac, b.headMac) === 0 &&
    SCALARS.every((key) => a.head[key] === b.head[key]) &&
    a.head.shares.length === b.head.shares.length &&
    a.head.shares.every(({ versionId, percentage }, at) => {
      const other = b.head.shares[at];
      return versionId === other?.versionId && percentage === other.percentage;
    })
  );
}

/** Every field of a head but its shares; a field that is missing here does not compile. */
const SCALARS = Object.keys({
  workerId: true,
  accountId: true,
  name: true,
  epoch: true,
  newestVersionId: true,
  newestNumber: true,
  deploymentId: true,
  routed: true,
  previews: true,
} satisfies Record<Exclude<keyof Head, "shares">, true>) as readonly Exclude<keyof Head, "shares">[];
