/**
 * A control plane for this room's tests: one keyring, Workers in memory, the feed on a unix socket. Everything that is
 * sealed and authenticated is so by the real keyring.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import {
  type AccountId,
  type Binding,
  type Head,
  type Manifest,
  type ModuleType,
  newUuid,
  parseJson,
  Redacted,
  type Share,
  systemRandom,
  timestamp,
  utf8,
  type Uuid,
} from "@corral/base";
import type { FeedLog, FeedState, FeedVersion, FeedWorker, ProveRequest } from "@corral/contract";
import { createKeyring, createMemoryKek, type Keyring, type WrappedKey } from "@corral/keyring";

export const ACCOUNT: AccountId = "0123456789abcdef0123456789abcdef";

export interface FakeModule {
  readonly name: string;
  readonly type?: ModuleType;
  readonly body: string | Uint8Array;
}

type PlainBinding = Exclude<Binding, { recordId: Uuid }>;
type KeyBinding = Omit<Extract<Binding, { type: "secret_key" }>, "recordId" | "name">;

export interface FakeVersion {
  /** An ES module as `index.js`, unless `modules` are given. */
  readonly code?: string;
  readonly modules?: readonly FakeModule[];
  readonly syntax?: "module" | "service-worker";
  readonly secrets?: Readonly<Record<string, string>>;
  readonly keys?: Readonly<Record<string, KeyBinding & { readonly value: string }>>;
  readonly bindings?: readonly PlainBinding[];
  readonly compatibilityDate?: string | null;
  readonly compatibilityFlags?: readonly string[];
  readonly tag?: string;
}

interface FakeWorker {
  readonly workerId: Uuid;
  readonly keys: readonly WrappedKey[];
  readonly versions: Map<Uuid, FeedVersion>;
  worker: FeedWorker;
}

export interface FakeFeed {
  readonly socket: string;
  readonly states: FeedState[];
  readonly logs: FeedLog[];
  /** Answers other bytes than those that were stored. */
  corruptModules: boolean;
  /** Makes a Worker without a deployment; `settings` of its head and its feed entry. */
  create(name: string, settings?: Partial<Pick<FeedWorker, "logs" | "hostnames" | "accountLabel">>): Uuid;
  /** Adds a version and deploys nothing. */
  upload(workerId: Uuid, version: FakeVersion): Uuid;
  /** A new head; resolves with the state that the node reports of it. */
  deploy(workerId: Uuid, shares: readonly Share[], head?: Partial<Head>): Promise<FeedState>;
  /** upload and deploy at 100 %. */
  put(workerId: Uuid, version: FakeVersion): Promise<FeedState>;
  /** Changes what the feed says of a Worker, after its MACs were made. */
  tamper(workerId: Uuid, change: (worker: FeedWorker) => FeedWorker): Promise<FeedState>;
  remove(workerId: Uuid): void;
  candidate(workerId: Uuid, version: FakeVersion): ProveRequest;
  waitFor<T>(find: () => T | undefined): Promise<T>;
  close(): Promise<void>;
  /** Answers on the same socket again. */
  reopen(): Promise<void>;
}

export async function startFakeFeed(directory: string): Promise<FakeFeed> {
  const installId = newUuid(systemRandom);
  const keyring = await openTestKeyring(installId);
  const workers = new Map<Uuid, FakeWorker>();
  const modules = new Map<string, Uint8Array>();
  const changes: { seq: number; workerId: Uuid; epoch: number | null }[] = [];
  const streams = new Set<ServerResponse>();
  const watchers = new Set<() => void>();
  const states: FeedState[] = [];
  const logs: FeedLog[] = [];
  const socket = join(directory, "feed.sock");
  const createdOn = timestamp(Date.now());

  function get(workerId: Uuid): FakeWorker {
    const found = workers.get(workerId);
    if (found === undefined) throw new Error("no such Worker");
    return found;
  }

  function announce(workerId: Uuid, epoch: number | null): void {
    const change = { seq: changes.length + 1, workerId, epoch };
    changes.push(change);
    for (const stream of streams) stream.write(`${JSON.stringify(change)}\n`);
  }

  function waitFor<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      look();
    });
  }

  function notice(): void {
    for (const look of watchers) look();
  }

  function settled(workerId: Uuid, epoch: number, from = 0): Promise<FeedState> {
    return waitFor(() =>
      states.slice(from).find((state) => state.workerId === workerId && state.epoch === epoch && state.state !== "converging"),
    );
  }

  function makeVersion(fake: FakeWorker, version: FakeVersion, number: number): FeedVersion {
    const versionId = newUuid(systemRandom);
    const records: FeedVersion["records"][number][] = [];
    const seal = (type: "secret_text" | "secret_key", value: string): Uuid => {
      const recordId = newUuid(systemRandom);
      const { dataKeyId, sealed } = keyring.sealer(ACCOUNT, fake.workerId, fake.keys).seal(recordId, type, new Redacted(value));
      records.push({ recordId, dataKeyId, type, sealed: base64(sealed) });
      return recordId;
    };
    const given = version.modules ?? [{ name: "index.js", body: version.code ?? "export default {}" }];
    const bindings: Binding[] = [
      ...(version.bindings ?? []),
      ...Object.entries(version.secrets ?? {}).map(([name, value]): Binding => ({
        type: "secret_text",
        name,
        recordId: seal("secret_text", value),
      })),
      ...Object.entries(version.keys ?? {}).map(([name, { value, ...key }]): Binding => ({
        ...key,
        name,
        recordId: seal("secret_key", value),
      })),
    ];
    const manifest: Manifest = {
      format: 1,
      versionId,
      workerId: fake.workerId,
      number,
      createdOn,
      tag: version.tag ?? null,
      syntax: version.syntax ?? "module",
      mainModule: given[0]?.name ?? "",
      modules: given.map(({ name, type, body }) => {
        const bytes = typeof body === "string" ? utf8(body) : body;
        const sha256 = createHash("sha256").update(bytes).digest("hex");
        modules.set(sha256, bytes);
        return { name, type: type ?? "esm", contentType: "application/javascript+module", sha256, size: bytes.length };
      }),
      compatibilityDate: version.compatibilityDate === undefined ? "2026-11-01" : version.compatibilityDate,
      compatibilityFlags: version.compatibilityFlags ?? [],
      usageModel: "standard",
      limits: null,
      placement: null,
      bindings: bindings.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    };
    const { bytes, mac } = keyring.authenticator(fake.workerId, fake.keys).sealManifest(manifest);
    return { versionId, manifest: base64(bytes), mac: base64(mac), records };
  }

  function authenticate(fake: FakeWorker, head: Head): string {
    return base64(keyring.authenticator(fake.workerId, fake.keys).macHead(head));
  }

  const feed: Omit<FakeFeed, "close" | "reopen"> = {
    socket,
    states,
    logs,
    corruptModules: false,
    waitFor,
    create(name, settings = {}) {
      const workerId = newUuid(systemRandom);
      const keys = keyring.createWorkerKeys(ACCOUNT, workerId, createdOn);
      const head: Head = {
        workerId,
        accountId: ACCOUNT,
        name,
        epoch: 1,
        newestVersionId: null,
        newestNumber: 0,
        deploymentId: null,
        shares: [],
        routed: true,
        previews: true,
      };
      const { manifestKey, dataKeys } = keyring.release(workerId, keys);
      const fake: FakeWorker = {
        workerId,
        keys,
        versions: new Map(),
        worker: {
          head,
          headMac: "",
          accountId: ACCOUNT,
          accountLabel: null,
          hostnames: [],
          logs: false,
          ...settings,
          keys: {
            manifestKey: base64(manifestKey),
            dataKeys: dataKeys.map(({ keyId, key }) => ({ keyId, key: base64(key) })),
          },
          versions: [],
        },
      };
      fake.worker = { ...fake.worker, headMac: authenticate(fake, head) };
      workers.set(workerId, fake);
      announce(workerId, 1);
      return workerId;
    },
    upload(workerId, version) {
      const fake = get(workerId);
      const made = makeVersion(fake, version, fake.versions.size + 1);
      fake.versions.set(made.versionId, made);
      return made.versionId;
    },
    deploy(workerId, shares, change = {}) {
      const fake = get(workerId);
      const newest = [...fake.versions.keys()].at(-1) ?? null;
      const head: Head = {
        ...fake.worker.head,
        epoch: fake.worker.head.epoch + 1,
        newestVersionId: newest,
        newestNumber: fake.versions.size,
        deploymentId: newUuid(systemRandom),
        shares,
        ...change,
      };
      const versions = shares.flatMap(({ versionId }) => fake.versions.get(versionId) ?? []);
      fake.worker = { ...fake.worker, head, headMac: authenticate(fake, head), versions };
      announce(workerId, head.epoch);
      return settled(workerId, head.epoch);
    },
    put: (workerId, version) => feed.deploy(workerId, [{ versionId: feed.upload(workerId, version), percentage: 100 }]),
    tamper(workerId, change) {
      const fake = get(workerId);
      const from = states.length;
      fake.worker = change(fake.worker);
      announce(workerId, fake.worker.head.epoch);
      return settled(workerId, fake.worker.head.epoch, from);
    },
    remove(workerId) {
      workers.delete(workerId);
      announce(workerId, null);
    },
    candidate(workerId, version) {
      const fake = get(workerId);
      const made = makeVersion(fake, version, fake.versions.size + 1);
      const bytes = Object.fromEntries([...modules].map(([sha256, body]) => [sha256, base64(body)]));
      return { accountId: ACCOUNT, workerId, keys: fake.worker.keys, version: made, modules: bytes };
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://feed");
    const [, , what, id = "", , version = ""] = url.pathname.split("/");
    const json = (value: unknown): void => void response.end(JSON.stringify(value));
    switch (what) {
      case "hello":
        return json({ installId, domains: ["localhost", "corral-test.workers.dev"], seq: changes.length });
      case "heads":
        return json([...workers.values()].map(({ workerId, worker }) => ({ workerId, epoch: worker.head.epoch })));
      case "changes":
        streams.add(response);
        response.once("close", () => streams.delete(response));
        for (const change of changes.slice(Number(url.searchParams.get("after")))) response.write(`${JSON.stringify(change)}\n`);
        return response.flushHeaders();
      case "workers": {
        const fake = workers.get(id);
        const found =
          version === ""
            ? fake?.worker
            : [...(fake?.versions.values() ?? [])].find(({ versionId }) => versionId.startsWith(version));
        return found === undefined ? void response.writeHead(404).end() : json(found);
      }
      case "modules": {
        const bytes = modules.get(id);
        return bytes === undefined
          ? void response.writeHead(404).end()
          : void response.end(made.corruptModules ? "other" : bytes);
      }
      case "states":
        states.push((await readJson(request)) as FeedState);
        response.end();
        return notice();
      case "logs":
        logs.push(...((await readJson(request)) as FeedLog[]));
        response.end();
        return notice();
      default:
        response.writeHead(404).end();
    }
  }

  let close = await listen();
  async function listen(): Promise<() => Promise<void>> {
    const server = createServer((request, response) => void answer(request, response));
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    return () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    };
  }

  const made: FakeFeed = {
    ...feed,
    close: () => close(),
    async reopen() {
      close = await listen();
    },
  };
  return made;
}

async function openTestKeyring(installId: Uuid): Promise<Keyring> {
  const { keyring } = await createKeyring({ installId, keks: [createMemoryKek(systemRandom)], random: systemRandom });
  return keyring;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Uint8Array[] = [];
  for await (const part of request as AsyncIterable<Uint8Array>) parts.push(part);
  const parsed = parseJson(Buffer.concat(parts));
  return parsed.ok ? parsed.value : undefined;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
