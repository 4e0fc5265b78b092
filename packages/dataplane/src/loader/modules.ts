/** Module bytes in memory, by SHA-256, held for as long as a version that runs here names them. */
import type { Manifest } from "@corral/base";

export interface ModuleStore {
  /** Fetches what is neither here nor given. Rejects if it cannot be had, and then holds nothing more than before. */
  hold(manifest: Manifest, given?: ReadonlyMap<string, Uint8Array>): Promise<void>;
  release(manifest: Manifest): void;
  /** Throws when it is not held. */
  get(sha256: string): Uint8Array;
}

interface Held {
  readonly sha256: string;
  readonly fetched: Promise<Uint8Array>;
  bytes: Uint8Array | undefined;
  holders: number;
}

export function createModuleStore(fetchModule: (sha256: string) => Promise<Uint8Array>): ModuleStore {
  const modules = new Map<string, Held>();
  const holders = new Map<Manifest, { readonly held: readonly Held[]; readonly ready: Promise<void> }>();

  function take(sha256: string, given: Uint8Array | undefined): Held {
    const known = modules.get(sha256);
    if (known !== undefined) {
      known.holders += 1;
      return known;
    }
    const held: Held = {
      sha256,
      fetched: given === undefined ? fetchModule(sha256) : Promise.resolve(given),
      bytes: undefined,
      holders: 1,
    };
    held.fetched.then(
      (bytes) => void (held.bytes = bytes),
      // The next one who wants it asks again.
      () => modules.get(sha256) === held && modules.delete(sha256),
    );
    modules.set(sha256, held);
    return held;
  }

  function drop(held: Held): void {
    held.holders -= 1;
    if (held.holders === 0 && modules.get(held.sha256) === held) modules.delete(held.sha256);
  }

  function release(manifest: Manifest): void {
    const holder = holders.get(manifest);
    holders.delete(manifest);
    for (const held of holder?.held ?? []) drop(held);
  }

  return {
    async hold(manifest, given) {
      const known = holders.get(manifest);
      if (known !== undefined) return known.ready;
      const held = hashesOf(manifest).map((sha256) => take(sha256, given?.get(sha256)));
      const ready = Promise.all(held.map(({ fetched }) => fetched)).then(() => {});
      holders.set(manifest, { held, ready });
      try {
        await ready;
      } catch (error) {
        if (holders.get(manifest)?.ready === ready) release(manifest);
        throw error;
      }
    },
    release,
    get(sha256) {
      const bytes = modules.get(sha256)?.bytes;
      if (bytes === undefined) throw new Error("internal: a module that is not held");
      return bytes;
    },
  };
}

/** Those that run. */
function hashesOf({ modules }: Manifest): readonly string[] {
  return modules.filter(({ type }) => type !== "source-map").map(({ sha256 }) => sha256);
}
