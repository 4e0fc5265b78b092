/** A Worker as the feed gave it, with its MACs checked; nothing of it is opened yet. */
import { type AccountId, CorralError, type Head, type Share, type Uuid } from "@corral/base";
import type { FeedWorker } from "@corral/contract";
import { createAuthenticator, createOpener } from "@corral/keyring";
import { bytesOf, type PlacedVersion, placeVersion, type WorkerKeys } from "../loader/version.ts";

export interface PlacedWorker {
  readonly head: Head;
  readonly headMac: string;
  readonly accountId: AccountId;
  /** What stands before the domain: `<worker>`, or `<worker>.<account label>`. */
  readonly label: string;
  readonly hosts: readonly string[];
  readonly logs: boolean;
  /** Somebody watches its live tail. */
  readonly tailed: boolean;
  readonly keys: WorkerKeys;
  /** Those of the active deployment. */
  readonly versions: ReadonlyMap<Uuid, PlacedVersion>;
}

export interface Installation {
  readonly installId: Uuid;
  readonly domains: readonly string[];
}

/** Throws CorralError "manifest.forged" if the head or a version is not what its key's owner made. */
export function placeWorker(installation: Installation, workerId: Uuid, given: FeedWorker): PlacedWorker {
  const { head, accountId } = given;
  const keys = workerKeys(installation.installId, accountId, workerId, given.keys);
  if (head.workerId !== workerId || head.accountId !== accountId) throw new CorralError("manifest.forged");
  keys.authenticator.verifyHead(head, bytesOf(given.headMac));
  const versions = new Map<Uuid, PlacedVersion>();
  for (const version of given.versions) versions.set(version.versionId, placeVersion(accountId, workerId, version, keys));
  for (const { versionId } of head.shares) if (!versions.has(versionId)) throw new CorralError("manifest.forged");
  return {
    head,
    headMac: given.headMac,
    accountId,
    label: hostLabel(given),
    hosts: hostsOf(installation, given),
    logs: given.logs,
    tailed: given.tailed ?? false,
    keys,
    versions,
  };
}

export function workerKeys(installId: Uuid, accountId: AccountId, workerId: Uuid, given: FeedWorker["keys"]): WorkerKeys {
  const manifestKey = bytesOf(given.manifestKey);
  const dataKeys = given.dataKeys.map(({ keyId, key }) => ({ keyId, key: bytesOf(key) }));
  const keys = {
    authenticator: createAuthenticator(installId, workerId, manifestKey),
    opener: createOpener(installId, accountId, workerId, { manifestKey, dataKeys }),
  };
  manifestKey.fill(0);
  for (const { key } of dataKeys) key.fill(0);
  return keys;
}

/** Newest first, with the running sum of the shares: what the router needs of them. */
export function splitOf(
  shares: readonly Share[],
  versions: ReadonlyMap<Uuid, PlacedVersion>,
): { readonly versions: readonly PlacedVersion[]; readonly thresholds: readonly number[] } {
  const rows = shares.flatMap(({ versionId, percentage }) => {
    const version = versions.get(versionId);
    return version === undefined ? [] : [{ version, percentage }];
  });
  rows.sort((a, b) => b.version.manifest.number - a.version.manifest.number);
  let sum = 0;
  return {
    versions: rows.map(({ version }) => version),
    thresholds: rows.map(({ percentage }) => (sum += percentage)),
  };
}

function hostLabel({ head, accountLabel }: FeedWorker): string {
  return (accountLabel === null ? head.name : `${head.name}.${accountLabel}`).toLowerCase();
}

function hostsOf({ domains }: Installation, given: FeedWorker): readonly string[] {
  const { head, hostnames } = given;
  const own = head.routed ? domains.map((domain) => `${hostLabel(given)}.${domain}`) : [];
  return [...own, ...hostnames].map((host) => host.toLowerCase());
}
