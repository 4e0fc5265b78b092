import type { Head } from "@corral/base";
import { systemRandom } from "@corral/base";
import type { Store, VersionRow, WorkerRow } from "@corral/storage";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createControl } from "../control.ts";
import { createFeedSource } from "../feed/source.ts";
import { createSharedState } from "../state/shared.ts";
import { codeOf, openWorld, secret, upload, type World } from "../test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const CODE = "export default { fetch: () => new Response('hi') }";

interface Forgery {
  readonly worker?: (row: WorkerRow) => WorkerRow;
  readonly version?: (row: VersionRow) => VersionRow;
}

function changed<Row>(row: Row | undefined, change: ((row: Row) => Row) | undefined): Row | undefined {
  return row === undefined || change === undefined ? row : change(row);
}

/** A database as somebody left it who has its file and no key: sums are right, MACs cannot be. */
function forged(store: Store, { worker, version }: Forgery): Store {
  const { workers, versions } = store;
  return {
    install: store.install,
    deployments: store.deployments,
    commit: (plan) => store.commit(plan),
    commitInstall: (plan) => store.commitInstall(plan),
    close: () => store.close(),
    workers: {
      find: async (account, name) => changed(await workers.find(account, name), worker),
      findById: async (id) => changed(await workers.findById(id), worker),
      list: async (account, page) => (await workers.list(account, page)).map((row) => worker?.(row) ?? row),
      count: (account) => workers.count(account),
      listChangesAfter: (seq, limit) => workers.listChangesAfter(seq, limit),
      lastChangeSeq: () => workers.lastChangeSeq(),
      listHeads: () => workers.listHeads(),
    },
    versions: {
      find: async (workerId, id) => changed(await versions.find(workerId, id), version),
      findByPrefix: (workerId, prefix) => versions.findByPrefix(workerId, prefix),
      list: async (workerId, page) => (await versions.list(workerId, page)).map((row) => version?.(row) ?? row),
      count: (workerId) => versions.count(workerId),
      listRecords: (workerId, ids) => versions.listRecords(workerId, ids),
      findModule: (sha256) => versions.findModule(sha256),
    },
  };
}

async function failures(forgery: Forgery): Promise<readonly string[]> {
  const store = forged(world.store, forgery);
  const { keyring, clock, caller } = world;
  const shared = createSharedState(store, keyring);
  const control = await createControl({ store, keyring, clock, random: systemRandom, shared });
  const feed = createFeedSource({ store, keyring, shared });
  const { workerId } = await world.control.workers.get(caller, "api");
  return Promise.all([
    codeOf(control.workers.get(caller, "api")),
    codeOf(control.secrets.list(caller, "api")),
    codeOf(control.secrets.put(caller, "api", secret("A", "2"))),
    codeOf(control.workers.put(caller, "api", upload(CODE))),
    codeOf(feed.worker(workerId)),
  ]);
}

function forgeApi(row: WorkerRow): WorkerRow {
  return row.head.name === "api" ? { ...row, head: { ...row.head, epoch: 99 } } : row;
}

const head = (change: Partial<Head>): Forgery => ({
  worker: (row) => ({ ...row, head: { ...row.head, ...change } }),
});

describe("a forged row", () => {
  beforeEach(async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE, { bindings: [secret("A", "1")] }));
    await control.workers.put(caller, "api", upload("export default {}"));
  });

  it("of a head is refused everywhere: traffic, epoch, name, routing", async () => {
    const { versions } = await world.control.versions.list(world.caller, "api", { page: 1, perPage: 5 });
    const old = versions[1]?.manifest.versionId ?? "";
    const forgeries = [
      head({ shares: [{ versionId: old, percentage: 100 }] }),
      head({ newestVersionId: old }),
      head({ epoch: 77 }),
      head({ name: "other" }),
      head({ routed: true }),
      head({ accountId: "f".repeat(32) }),
      head({ deploymentId: crypto.randomUUID() }),
    ];
    for (const forgery of forgeries) expect(new Set(await failures(forgery))).toEqual(new Set(["manifest.forged"]));
  });

  it("of a version is refused everywhere: bytes, MAC, number, another version's manifest", async () => {
    const { workerId } = await world.control.workers.get(world.caller, "api");
    const rows = await world.store.versions.list(workerId, { limit: 5, offset: 0 });
    const other = rows[1];
    if (other === undefined) throw new Error("two versions were made");
    const forgeries: Forgery[] = [
      { version: (row) => ({ ...row, manifest: other.manifest }) },
      { version: (row) => ({ ...row, manifest: other.manifest, mac: other.mac }) },
      { version: (row) => ({ ...row, mac: row.mac.map((byte, at) => (at === 0 ? byte ^ 1 : byte)) }) },
      { version: (row) => ({ ...row, number: 9 }) },
      { version: (row) => ({ ...row, createdOn: "2020-01-01T00:00:00.000000Z" }) },
    ];
    for (const forgery of forgeries) expect(new Set(await failures(forgery))).toEqual(new Set(["manifest.forged"]));
  });

  it("of a head that was verified before is refused too", async () => {
    const forgery: Forgery = {};
    const store = forged(world.store, { worker: (row) => forgery.worker?.(row) ?? row });
    const { keyring, clock, caller } = world;
    const control = await createControl({ store, keyring, clock, random: systemRandom });
    const before = await control.workers.get(caller, "api");
    const { shares } = before.head;
    const changes: Partial<Head>[] = [
      { shares: shares.map((share) => ({ ...share, percentage: 99.999 })) },
      { shares: [...shares, { versionId: crypto.randomUUID(), percentage: 0 }] },
      { shares: [] },
      { epoch: before.head.epoch + 1 },
      { previews: !before.head.previews },
      { newestNumber: 1 },
    ];
    for (const change of changes) {
      Object.assign(forgery, head(change));
      expect(await codeOf(control.workers.get(caller, "api"))).toBe("manifest.forged");
    }
    Object.assign(forgery, { worker: undefined });
    expect(await control.workers.get(caller, "api")).toEqual(before);
  });

  it("does no harm to other Workers", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "other", upload(CODE));
    const store = forged(world.store, { worker: forgeApi });
    const again = await createControl({ store, keyring: world.keyring, clock: world.clock, random: systemRandom });
    await again.secrets.put(caller, "other", secret("B", "1"));
    expect(await again.secrets.list(caller, "other")).toEqual([{ name: "B", type: "secret_text" }]);
    expect(await codeOf(again.secrets.list(caller, "api"))).toBe("manifest.forged");
  });
});
