/**
 * The keys above all others: numbered terms, the highest active. Immutable; a new term makes a new keyring.
 *
 * At rest all terms are one sealed blob. Its key is fresh with each sealing and is wrapped once per KEK slot, so that
 * a slot can be added or lost without touching what lies beneath.
 *
 *   blob plaintext = (u32be(term) ‖ key 32) …, terms ascending
 *   blob aad       = TLV("corral/root-keyring/1", install id, generation)
 */
import { Buffer } from "node:buffer";
import { createSecretKey, type KeyObject } from "node:crypto";
import { CorralError, type Random, type Sealed, type Uuid } from "@corral/base";
import { sealingKey, type SealingKey } from "./derive.ts";
import { fields } from "./fields.ts";
import { openBytes, sealBytes } from "./record.ts";

const KEY_BYTES = 32;
const ENTRY_BYTES = 4 + KEY_BYTES;

interface Term {
  readonly secret: KeyObject;
  readonly sealing: SealingKey;
}

export class RootKeyring {
  readonly #terms: ReadonlyMap<number, Term>;
  readonly activeTerm: number;

  private constructor(terms: ReadonlyMap<number, Term>) {
    this.#terms = terms;
    this.activeTerm = Math.max(...terms.keys());
    Object.freeze(this);
  }

  static create(random: Random): RootKeyring {
    return new RootKeyring(new Map([[1, newTerm(random)]]));
  }

  /** A keyring with one term more, which is the active one. */
  withNewTerm(random: Random): RootKeyring {
    return new RootKeyring(new Map([...this.#terms, [this.activeTerm + 1, newTerm(random)]]));
  }

  /** Throws "key.unopenable" for a term that is not there (any more). */
  sealingKey(term: number): SealingKey {
    const found = this.#terms.get(term);
    if (found === undefined) throw new CorralError("key.unopenable");
    return found.sealing;
  }

  seal(installId: Uuid, generation: number, blobKey: Uint8Array, random: Random): Sealed {
    const entries = Buffer.alloc(this.#terms.size * ENTRY_BYTES);
    let at = 0;
    for (const [term, { secret }] of this.#terms) {
      entries.writeUInt32BE(term, at);
      secret.export().copy(entries, at + 4);
      at += ENTRY_BYTES;
    }
    const sealed = sealBytes(sealingKey(blobKey), blobAad(installId, generation), entries, random);
    entries.fill(0);
    return sealed;
  }

  /** Throws "key.unopenable". */
  static open(installId: Uuid, generation: number, blobKey: Uint8Array, blob: Sealed): RootKeyring {
    const entries = openBytes(sealingKey(blobKey), blobAad(installId, generation), blob);
    if (entries === undefined || entries.length === 0 || entries.length % ENTRY_BYTES !== 0) {
      throw new CorralError("key.unopenable");
    }
    const terms = new Map<number, Term>();
    for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
      terms.set(entries.readUInt32BE(at), termOf(entries.subarray(at + 4, at + ENTRY_BYTES)));
    }
    entries.fill(0);
    return new RootKeyring(terms);
  }
}

function newTerm(random: Random): Term {
  const key = random.bytes(KEY_BYTES);
  const term = termOf(key);
  key.fill(0);
  return term;
}

function termOf(key: Uint8Array): Term {
  return { secret: createSecretKey(key), sealing: sealingKey(key) };
}

function blobAad(installId: Uuid, generation: number): Uint8Array {
  return fields("corral/root-keyring/1", installId, String(generation));
}
