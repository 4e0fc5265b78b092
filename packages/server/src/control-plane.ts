/**
 * The control plane out of its parts: store, keyring, use cases, and the account and token of the first start.
 * What listens is not here.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type AccountId,
  type Clock,
  CorralError,
  type FaultPoints,
  newUuid,
  noFaults,
  type Random,
  type Redacted,
} from "@corral/base";
import {
  type Caller,
  type Control,
  createControl,
  createFeedSource,
  createSharedState,
  defaultPolicy,
  type FeedSource,
  initInstall,
  issueToken,
  type Tails,
  type VersionProver,
} from "@corral/control";
import { createKeyring, type KekProvider, type Keyring, openKeyring } from "@corral/keyring";
import { openSqliteStore, type Store } from "@corral/storage";

export const DATABASE = "corral.db";
export const TOKEN = "token";
const ACCOUNT_NAME = "Corral";
const TOKEN_NAME = "corral up";
/** A Worker answers at its hostname from its first version on; who does not want that says so (`workers_dev = false`). */
const POLICY = { ...defaultPolicy, routeNewWorkers: true };

export interface ControlPlaneOptions {
  readonly dataDirectory: string;
  readonly kek: KekProvider;
  /** Absent: uploads are accepted untried. */
  readonly prover?: VersionProver;
  readonly clock: Clock;
  readonly random: Random;
  /** For tests. */
  readonly faults?: FaultPoints;
}

export interface ControlPlane {
  readonly control: Control;
  readonly feed: FeedSource;
  readonly tails: Tails;
  readonly accountId: AccountId;
  readonly tokenFile: string;
  /** Corral's own hand, for what `corral up` does unasked. */
  readonly self: Caller;
  close(): Promise<void>;
}

/** Throws "kek.wrong" before anything is changed, and what the store throws when it opens. */
export async function openControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { clock, random, prover, faults = noFaults } = options;
  const points = {
    beforeCommit: () => faults.reached("commit.before"),
    afterCommit: () => faults.reached("commit.after"),
  };
  const store = openSqliteStore({ path: join(options.dataDirectory, DATABASE), points });
  try {
    const { keyring, firstToken } = await openInstallation(store, options);
    const [account] = await store.install.listAccounts();
    if (account === undefined) throw new CorralError("storage.corrupt");
    const { accountId } = account;
    const tokenFile = join(options.dataDirectory, TOKEN);
    if (firstToken !== undefined) await writeToken(tokenFile, firstToken);
    else if (!(await isThere(tokenFile))) {
      await writeToken(tokenFile, await issueToken({ store, keyring, clock, random, tokenName: TOKEN_NAME, accountId }));
    }
    const shared = createSharedState(store, keyring, { clock, random });
    return {
      control: await createControl({
        store,
        keyring,
        clock,
        random,
        shared,
        policy: POLICY,
        faults,
        ...(prover !== undefined && { prover }),
      }),
      feed: createFeedSource({ store, keyring, shared, alwaysLogs: true }),
      tails: shared.tails,
      accountId,
      tokenFile,
      self: {
        tokenId: "corral-up",
        accountId,
        scopes: ["admin"],
        source: "corral",
        requestId: newUuid(random).replaceAll("-", ""),
      },
      close: () => store.close(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Opens what is there, or makes it: keyring, account and first token are one commit. */
async function openInstallation(
  store: Store,
  { kek, clock, random }: ControlPlaneOptions,
): Promise<{ readonly keyring: Keyring; readonly firstToken: Redacted | undefined }> {
  const install = await store.install.find();
  if (install !== undefined) {
    const sealed = await store.install.findKeyring();
    if (sealed === undefined) throw new CorralError("storage.corrupt");
    const keyring = await openKeyring({ installId: install.installId, sealed, kek, random });
    return { keyring, firstToken: undefined };
  }
  const { keyring, sealed } = await createKeyring({ installId: newUuid(random), keks: [kek], random });
  const first = { store, keyring, sealed, clock, random, accountName: ACCOUNT_NAME, tokenName: TOKEN_NAME };
  const { token } = await initInstall(first);
  return { keyring, firstToken: token };
}

/** Whole or not at all, and for its owner alone. The one place where a token leaves its wrapper for a file. */
async function writeToken(file: string, token: Redacted): Promise<void> {
  await writeFile(`${file}.new`, `${token.reveal()}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function isThere(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  );
}

/** 0700 if it is made: not even the names in it are anybody else's business. One that is there is left as it is. */
export async function makePrivateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}
