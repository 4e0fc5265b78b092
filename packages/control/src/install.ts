/** The first start: who this installation is, its first account, its first token. */
import {
  type AccountId,
  type Clock,
  CorralError,
  newAccountId,
  type Random,
  type Redacted,
  timestamp,
  toHex,
} from "@corral/base";
import type { Keyring, SealedKeyring } from "@corral/keyring";
import type { AccountRow, InstallRow, Store } from "@corral/storage";
import { makeToken } from "./tokens/tokens.ts";

export interface InitInstall {
  readonly store: Store;
  /** Fresh, from keyring's `createKeyring`; its install id is the installation's. */
  readonly keyring: Keyring;
  readonly sealed: SealedKeyring;
  readonly clock: Clock;
  readonly random: Random;
  readonly accountName: string;
  readonly tokenName: string;
}

export interface Installed {
  readonly install: InstallRow;
  readonly account: AccountRow;
  /** The first token, with every right; shown once. */
  readonly token: Redacted;
}

/** All of it in one commit. Throws "data.locked" when another process was first. */
export async function initInstall(options: InitInstall): Promise<Installed> {
  const { store, keyring, sealed, clock, random } = options;
  const createdOn = timestamp(clock.now());
  const install = { installId: keyring.installId, createdOn, subdomain: `corral-${toHex(random.bytes(4))}` };
  const keys = keyring.createInstallKeys(createdOn);
  const account = { accountId: newAccountId(random), name: options.accountName, label: null, createdOn };
  const { row, token } = makeToken(keyring.installMac("token", keys), random, createdOn, {
    accountId: account.accountId,
    name: options.tokenName,
    kind: "b",
    scopes: ["admin"],
    expiresOn: null,
  });
  const committed = await store.commitInstall({
    install,
    keyring: sealed,
    keys,
    accounts: [account],
    tokens: [row],
    audit: [installAudit(createdOn, account.accountId, row.tokenId)],
  });
  if (committed !== "committed") throw new CorralError("data.locked");
  return { install, account, token };
}

function installAudit(at: string, accountId: AccountId, tokenId: string) {
  return {
    at,
    actor: tokenId,
    action: "install.init",
    accountId,
    workerId: null,
    workerName: null,
    subject: null,
    versionId: null,
    deploymentId: null,
    requestId: null,
  } as const;
}

/** A further token from the machine itself, for when the first one is lost. */
export async function issueToken(
  options: Pick<InitInstall, "store" | "keyring" | "clock" | "random" | "tokenName"> & { readonly accountId: AccountId },
): Promise<Redacted> {
  const { store, keyring, clock, random, accountId, tokenName } = options;
  const createdOn = timestamp(clock.now());
  const keys = await store.install.listKeys(keyring.installId);
  const { row, token } = makeToken(keyring.installMac("token", keys), random, createdOn, {
    accountId,
    name: tokenName,
    kind: "b",
    scopes: ["admin"],
    expiresOn: null,
  });
  const audit = { ...installAudit(createdOn, accountId, row.tokenId), action: "token.create", subject: row.tokenId };
  await store.commitInstall({ tokens: [row], audit: [audit] });
  return token;
}
