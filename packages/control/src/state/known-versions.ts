/**
 * Versions as control works with them: decoded, and their MACs verified.
 *
 * Cached by Worker and version: a version never changes. A row is verified when it is first read, and again whenever its
 * MAC is not the one that was verified; so a forged row is refused, and an untouched one is not verified twice.
 */
import { CorralError, type Manifest, parseJson, type Uuid } from "@corral/base";
import type { RecordRow, Store, VersionInfo, VersionRow } from "@corral/storage";
import { countEnv } from "../rules/env-size.ts";
import { isSecret } from "@corral/base";
import { Lru } from "./lru.ts";
import type { WorkerCrypto } from "./worker-keys.ts";

export interface KnownVersion {
  readonly manifest: Manifest;
  readonly info: VersionInfo;
  readonly mac: Uint8Array;
}

/** What a record says without being opened. */
export type RecordFacts = Pick<RecordRow, "fingerprint" | "countedBytes">;

/** Bindings and modules of all cached versions together, so that large versions push out more. */
const CACHED_PARTS = 200_000;
const CACHED_RECORDS = 50_000;
const CACHED_SIZES = 10_000;

export class KnownVersions {
  readonly #store: Store;
  readonly #versions = new Lru<KnownVersion>(CACHED_PARTS);
  readonly #records = new Lru<RecordFacts>(CACHED_RECORDS);
  readonly #envBytes = new Lru<number>(CACHED_SIZES);

  constructor(store: Store) {
    this.#store = store;
  }

  /** Throws "manifest.forged". undefined: no such version is stored. */
  async find(crypto: WorkerCrypto, workerId: Uuid, versionId: Uuid): Promise<KnownVersion | undefined> {
    const known = this.#versions.get(versionId);
    if (known?.manifest.workerId === workerId) return known;
    const row = await this.#store.versions.find(workerId, versionId);
    return row === undefined ? undefined : this.verify(crypto, workerId, row);
  }

  /** For rows that were read anyway. */
  verify(crypto: WorkerCrypto, workerId: Uuid, row: VersionRow): KnownVersion {
    const known = this.#versions.get(row.versionId);
    if (known !== undefined && known.manifest.workerId === workerId && sameBytes(known.mac, row.mac)) {
      return { manifest: known.manifest, info: row.info, mac: row.mac };
    }
    const manifest = crypto.authenticator.openManifest(workerId, row.versionId, row.manifest, row.mac);
    if (manifest.number !== row.number || manifest.createdOn !== row.createdOn) throw new CorralError("manifest.forged");
    const version = { manifest, info: row.info, mac: row.mac };
    this.#versions.set(row.versionId, version, weightOf(manifest));
    return version;
  }

  /** For what this process makes itself, stored or about to be. */
  add(version: KnownVersion, envBytes: number, records: readonly RecordRow[]): void {
    this.#versions.set(version.manifest.versionId, version, weightOf(version.manifest));
    this.#envBytes.set(version.manifest.versionId, envBytes);
    for (const { recordId, fingerprint, countedBytes } of records) this.#records.set(recordId, { fingerprint, countedBytes });
  }

  forget(versionId: Uuid): void {
    this.#versions.delete(versionId);
  }

  /** Facts of records that retained versions bind. Throws "storage.corrupt" when one is not there. */
  async facts(workerId: Uuid, recordIds: readonly Uuid[]): Promise<ReadonlyMap<Uuid, RecordFacts>> {
    const facts = new Map<Uuid, RecordFacts>();
    const missing: Uuid[] = [];
    for (const recordId of recordIds) {
      const known = this.#records.get(recordId);
      if (known === undefined) missing.push(recordId);
      else facts.set(recordId, known);
    }
    if (missing.length === 0) return facts;
    for (const { recordId, fingerprint, countedBytes } of await this.#store.versions.listRecords(workerId, missing)) {
      const known = { fingerprint, countedBytes };
      this.#records.set(recordId, known);
      facts.set(recordId, known);
    }
    if (facts.size < new Set(recordIds).size) throw new CorralError("storage.corrupt");
    return facts;
  }

  /** A stored version's env as workerd counts it. */
  async envBytes(workerId: Uuid, manifest: Manifest): Promise<number> {
    const known = this.#envBytes.get(manifest.versionId);
    if (known !== undefined) return known;
    const bytes = await this.countEnv(workerId, manifest, new Map());
    this.#envBytes.set(manifest.versionId, bytes);
    return bytes;
  }

  /** `fresh`: records that are not stored yet. */
  async countEnv(
    workerId: Uuid,
    manifest: Pick<Manifest, "bindings" | "modules">,
    fresh: ReadonlyMap<Uuid, Pick<RecordFacts, "countedBytes">>,
  ): Promise<number> {
    const stored = manifest.bindings.filter(isSecret).filter(({ recordId }) => !fresh.has(recordId));
    const facts = await this.facts(
      workerId,
      stored.map(({ recordId }) => recordId),
    );
    const sizes = new Map(manifest.modules.map(({ name, size }) => [name, size]));
    return countEnv(manifest.bindings, {
      record: (recordId) => (fresh.get(recordId) ?? facts.get(recordId))?.countedBytes ?? 0,
      part: (name) => sizes.get(name) ?? 0,
      parse: parseAccepted,
    });
  }
}

function parseAccepted(json: string): unknown {
  const parsed = parseJson(json);
  if (!parsed.ok) throw new CorralError("storage.corrupt");
  return parsed.value;
}

function weightOf(manifest: Manifest): number {
  return 4 + manifest.bindings.length + manifest.modules.length;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
