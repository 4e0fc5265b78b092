/** The capabilities that control has on a Worker's keys: it can seal and authenticate, and cannot open. */
import type { AccountId, Uuid } from "@corral/base";
import type { Keyring, ManifestAuthenticator, Sealer, WrappedKey } from "@corral/keyring";
import type { Store } from "@corral/storage";
import { Lru } from "./lru.ts";

export interface WorkerCrypto {
  readonly keys: readonly WrappedKey[];
  readonly sealer: Sealer;
  readonly authenticator: ManifestAuthenticator;
}

const CACHED_WORKERS = 4096;

export class WorkerKeys {
  readonly #keyring: Keyring;
  readonly #store: Store;
  readonly #open = new Lru<WorkerCrypto>(CACHED_WORKERS);

  constructor(keyring: Keyring, store: Store) {
    this.#keyring = keyring;
    this.#store = store;
  }

  /** Throws CorralError "key.unopenable". */
  async get(accountId: AccountId, workerId: Uuid): Promise<WorkerCrypto> {
    const open = this.#open.get(workerId);
    if (open !== undefined) return open;
    return this.#remember(accountId, workerId, await this.#store.install.listKeys(workerId));
  }

  /** Fresh keys for a Worker that is not stored yet; they go into the same plan. */
  create(accountId: AccountId, workerId: Uuid, createdOn: string): WorkerCrypto {
    return this.#capabilities(accountId, workerId, this.#keyring.createWorkerKeys(accountId, workerId, createdOn));
  }

  /** After a rotation, or when a Worker is gone. */
  forget(workerId: Uuid): void {
    this.#open.delete(workerId);
  }

  #remember(accountId: AccountId, workerId: Uuid, keys: readonly WrappedKey[]): WorkerCrypto {
    const crypto = this.#capabilities(accountId, workerId, keys);
    this.#open.set(workerId, crypto);
    return crypto;
  }

  #capabilities(accountId: AccountId, workerId: Uuid, keys: readonly WrappedKey[]): WorkerCrypto {
    return {
      keys,
      sealer: this.#keyring.sealer(accountId, workerId, keys),
      authenticator: this.#keyring.authenticator(workerId, keys),
    };
  }
}
