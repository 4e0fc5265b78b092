/** For tests: a control plane over a real SQLite file and a real keyring, and what the agent would see of it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, isSecret, type Manifest, Redacted, type SecretBinding, systemRandom, type Uuid, utf8 } from "@corral/base";
import { createKeyring, createMemoryKek, createOpener, type Keyring, openKeyring } from "@corral/keyring";
import { openSqliteStore, type Store, type StoragePoints } from "@corral/storage";
import {
  type Caller,
  type Control,
  type ControlOptions,
  createControl,
  createFeedSource,
  createSharedState,
  type FeedSource,
  initInstall,
  type SecretInput,
  type SharedState,
  type Upload,
} from "./index.ts";

export class TestClock implements Clock {
  #now = Date.parse("2026-11-25T10:00:00Z");
  now(): number {
    return this.#now;
  }
  monotonic(): number {
    return this.#now;
  }
  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

export type WorldOptions = Partial<Pick<ControlOptions, "limits" | "policy" | "prover">> & { readonly points?: StoragePoints };

export interface World {
  readonly path: string;
  readonly clock: TestClock;
  readonly store: Store;
  readonly keyring: Keyring;
  readonly shared: SharedState;
  readonly control: Control;
  readonly feed: FeedSource;
  readonly caller: Caller;
  readonly token: Redacted;
  /** The same data after a restart: nothing is left in memory. */
  restart(): Promise<World>;
  /** A second replica on the same database. */
  replica(): Promise<Control>;
  close(): Promise<void>;
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), "corral-control-"));
  const path = join(directory, "corral.db");
  const clock = new TestClock();
  const kek = createMemoryKek(systemRandom);
  const store = openSqliteStore({ path });
  const { keyring, sealed } = await createKeyring({ installId: crypto.randomUUID(), keks: [kek], random: systemRandom });
  const names = { accountName: "Test", tokenName: "first" };
  const { account, token } = await initInstall({ store, keyring, sealed, clock, random: systemRandom, ...names });
  await store.close();
  const caller: Caller = {
    tokenId: "testtoken001",
    accountId: account.accountId,
    scopes: ["admin"],
    source: "wrangler",
    requestId: "00000000-0000-4000-8000-000000000001",
  };

  const open = async (): Promise<World> => {
    const opened = openSqliteStore({ path, ...(options.points !== undefined && { points: options.points }) });
    const ring = await openKeyring({ installId: keyring.installId, sealed, kek, random: systemRandom });
    const shared = createSharedState(opened, ring);
    const parts = { ...options, store: opened, keyring: ring, clock, random: systemRandom };
    const world: World = {
      path,
      clock,
      store: opened,
      keyring: ring,
      shared,
      control: await createControl({ ...parts, shared }),
      feed: createFeedSource({ store: opened, keyring: ring, shared }),
      caller,
      token,
      async restart() {
        await opened.close();
        return open();
      },
      replica: () => createControl(parts),
      async close() {
        await opened.close();
        rmSync(directory, { recursive: true });
      },
    };
    return world;
  };
  return open();
}

export function secret(name: string, value: string): SecretInput {
  return { type: "secret_text", name, value: new Redacted(value) };
}

export function upload(code: string, changes: Partial<Upload> = {}): Upload {
  return {
    syntax: "module",
    mainModule: "index.js",
    modules: [{ name: "index.js", type: "esm", contentType: "application/javascript+module", bytes: utf8(code) }],
    bindings: [],
    keepBindings: undefined,
    strictInherit: false,
    compatibilityDate: "2026-01-01",
    compatibilityFlags: [],
    usageModel: "standard",
    limits: null,
    placement: null,
    message: null,
    tag: null,
    alias: null,
    settings: {},
    ...changes,
  };
}

/** The secrets that a version would see, opened as the agent opens them. */
export async function openSecrets(world: World, workerId: Uuid, versionId: Uuid): Promise<Record<string, string>> {
  const { accountId } = world.caller;
  const keys = await world.store.install.listKeys(workerId);
  const opener = createOpener(world.keyring.installId, accountId, workerId, world.keyring.release(workerId, keys));
  const version = await world.control.versions.get(world.caller, uuidHex(workerId), versionId);
  const bound = version.manifest.bindings.filter(isSecret);
  const records = await world.store.versions.listRecords(
    workerId,
    bound.map(({ recordId }) => recordId),
  );
  const values: Record<string, string> = {};
  for (const { name, recordId } of bound) {
    const record = records.find((each) => each.recordId === recordId);
    if (record === undefined) throw new Error(`no record for ${name}`);
    const { dataKeyId, type, sealed } = record;
    values[name] = opener.open({ accountId, workerId, recordId, dataKeyId, type }, sealed).reveal();
  }
  return values;
}

function uuidHex(id: Uuid): string {
  return id.replaceAll("-", "");
}

/** The secrets that live traffic sees: those of the one version at 100 %. */
export async function liveSecrets(world: World, worker: string): Promise<Record<string, string>> {
  const { workerId, head } = await world.control.workers.get(world.caller, worker);
  const live = head.shares.find(({ percentage }) => percentage === 100);
  if (live === undefined) throw new Error("no version at 100 %");
  return openSecrets(world, workerId, live.versionId);
}

/** The newest version's. */
export async function newestSecrets(world: World, worker: string): Promise<Record<string, string>> {
  const { workerId, newest } = await world.control.workers.get(world.caller, worker);
  return newest === undefined ? {} : openSecrets(world, workerId, newest.manifest.versionId);
}

export function secretsOf(manifest: Manifest): readonly SecretBinding[] {
  return manifest.bindings.filter(isSecret);
}

/** The catalogue code that `run` fails with. */
export async function codeOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return "no failure";
}
