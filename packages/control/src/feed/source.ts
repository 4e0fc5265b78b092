/**
 * What the nodes are told: sealed records, manifests with their MACs, and the keys of the Workers placed on them.
 * Rows leave as they are stored; the node verifies them itself before it opens anything.
 */
import { CorralError, isSecret, isUuid, type Manifest, parseJson, type Uuid } from "@corral/base";
import type { FeedChange, FeedHello, FeedVersion, FeedWorker } from "@corral/contract";
import type { Keyring } from "@corral/keyring";
import type { AccountRow, Store, VersionRow, WorkerRow } from "@corral/storage";
import type { FeedSource } from "../feed-types.ts";
import { defaultLimits, type Limits } from "../limits.ts";
import { isRetained } from "../rules/retention.ts";
import type { SharedState } from "../state/shared.ts";
import { base64, feedKeys, feedVersion } from "../wire-forms.ts";

export interface FeedOptions {
  readonly store: Store;
  readonly keyring: Keyring;
  /** The control's, so that commits are heard at once and nothing is verified twice. */
  readonly shared: SharedState;
  readonly limits?: Limits;
  /** Tail events of every Worker, as under `corral up`. */
  readonly alwaysLogs?: boolean;
  /** How often the store is asked without a ring: what other replicas commit is heard no later. */
  readonly pollMs?: number;
}

const CHANGES_PAGE = 500;
const DEFAULT_POLL_MS = 1000;
const PREFIX = /^[0-9a-f]{8}$/;

export function createFeedSource(options: FeedOptions): FeedSource {
  const { store, keyring } = options;
  const { bell, nodes, tails, versions, workers } = options.shared;
  const retainedVersions = (options.limits ?? defaultLimits).retainedVersions;
  const labels = accountLabels(store);

  return {
    async hello(): Promise<FeedHello> {
      const install = await store.install.find();
      if (install === undefined) throw new CorralError("storage.corrupt");
      return {
        installId: install.installId,
        domains: ["localhost", `${install.subdomain}.workers.dev`],
        seq: await store.workers.lastChangeSeq(),
      };
    },
    heads: async () =>
      (await store.workers.listHeads()).map((head) => ({ ...head, ...(tails.isTailed(head.workerId) && { tailed: true }) })),
    module: (sha256) => store.versions.findModule(sha256),
    report: (state) => nodes.report(state),
    publish: (traces) => tails.publish(traces),

    async worker(workerId): Promise<FeedWorker | undefined> {
      const row = await store.workers.findById(workerId);
      if (row === undefined) return undefined;
      const crypto = await workers.verifyHead(row);
      const shared: FeedVersion[] = [];
      for (const { versionId } of row.head.shares) {
        const version = await store.versions.find(workerId, versionId);
        if (version === undefined) throw new CorralError("storage.corrupt");
        shared.push(await withRecords(store, workerId, version, versions.verify(crypto, workerId, version).manifest));
      }
      return {
        head: row.head,
        headMac: base64(row.headMac),
        accountId: row.accountId,
        accountLabel: await labels(row.accountId),
        hostnames: [],
        logs: options.alwaysLogs === true || isObserved(row) || tails.isTailed(workerId),
        ...(tails.isTailed(workerId) && { tailed: true }),
        keys: feedKeys(keyring, workerId, crypto.keys),
        versions: shared,
      };
    },

    async version(workerId, idOrPrefix): Promise<FeedVersion | undefined> {
      const row = await store.workers.findById(workerId);
      const version = row === undefined ? undefined : await findVersion(store, workerId, idOrPrefix);
      if (row === undefined || version === undefined || !isRetained(row.head, version, retainedVersions)) return undefined;
      const crypto = await workers.verifyHead(row);
      return withRecords(store, workerId, version, versions.verify(crypto, workerId, version).manifest);
    },

    async *changes(seq, signal): AsyncGenerator<FeedChange> {
      let cursor = seq;
      let flips = 0;
      while (!signal.aborted) {
        const rung = bell.next(options.pollMs ?? DEFAULT_POLL_MS, signal);
        const flipped = tails.flippedSince(flips);
        flips = flipped.count;
        for (const workerId of flipped.workerIds) {
          const row = await store.workers.findById(workerId);
          if (row !== undefined) yield { seq: cursor, workerId, epoch: row.head.epoch };
          if (signal.aborted) return;
        }
        const changes = await store.workers.listChangesAfter(cursor, CHANGES_PAGE);
        for (const change of changes) {
          const row = await store.workers.findById(change.workerId);
          cursor = change.seq;
          yield { ...change, epoch: row?.head.epoch ?? null };
          if (signal.aborted) return;
        }
        if (changes.length < CHANGES_PAGE) await rung;
      }
    },
  };
}

async function withRecords(
  store: Store,
  workerId: Uuid,
  version: VersionRow,
  manifest: Pick<Manifest, "bindings">,
): Promise<FeedVersion> {
  const ids = manifest.bindings.filter(isSecret).map(({ recordId }) => recordId);
  return feedVersion(version, await store.versions.listRecords(workerId, ids));
}

/** A prefix that two versions share names neither. */
async function findVersion(store: Store, workerId: Uuid, idOrPrefix: string): Promise<VersionRow | undefined> {
  if (isUuid(idOrPrefix)) return store.versions.find(workerId, idOrPrefix);
  if (!PREFIX.test(idOrPrefix)) return undefined;
  const found = await store.versions.findByPrefix(workerId, idOrPrefix);
  return found.length === 1 ? found[0] : undefined;
}

/** Labels do not change; an account that is not known yet is looked up again. */
function accountLabels(store: Store): (accountId: string) => Promise<string | null> {
  let accounts = new Map<string, AccountRow>();
  return async (accountId) => {
    if (!accounts.has(accountId)) {
      accounts = new Map((await store.install.listAccounts()).map((account) => [account.accountId, account]));
    }
    return accounts.get(accountId)?.label ?? null;
  };
}

/** `observability.enabled` as it was stored; text that does not parse asks for nothing. */
function isObserved({ settings }: WorkerRow): boolean {
  if (settings.observability === null) return false;
  const parsed = parseJson(settings.observability);
  return parsed.ok && (parsed.value as { readonly enabled?: unknown } | null)?.enabled === true;
}
