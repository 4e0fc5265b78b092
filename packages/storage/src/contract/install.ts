import { asSealed } from "@corral/base";
import { expect, test } from "vitest";
import type { AccountRow, AuditRow, InstallRow, KeyringRow, TokenRow } from "../rows.ts";
import { newAccount, newId, newKey, nextTime, page, randomBytes } from "./fixture.ts";
import type { Subject } from "./store-contract.ts";

function installation(): InstallRow {
  return { installId: newId(), createdOn: nextTime(), subdomain: "corral-0011aabb" };
}

function keyring(generation: number, slots = 2): KeyringRow {
  return {
    generation,
    blob: asSealed(randomBytes(200)),
    slots: Array.from({ length: slots }, (_, slot) => ({
      slot,
      kind: "file",
      keyId: `kek-${generation}-${slot}`,
      wrapped: asSealed(randomBytes(96)),
    })),
  };
}

function account(name: string, label: string | null): AccountRow {
  return { accountId: newAccount(), name, label, createdOn: nextTime() };
}

function token(accountId: string, name: string): TokenRow {
  return {
    tokenId: newId(),
    accountId,
    digest: randomBytes(32),
    name,
    scopes: ["secrets:write", "workers:read"],
    createdOn: nextTime(),
    expiresOn: null,
  };
}

function audit(accountId: string, action: string): AuditRow {
  return {
    at: nextTime(),
    actor: "corral",
    action,
    accountId,
    workerId: null,
    workerName: null,
    subject: null,
    versionId: null,
    deploymentId: null,
    requestId: null,
  };
}

export function installContract(subject: Subject): void {
  test("a first start is one plan, and is found after a reopen", async () => {
    const install = installation();
    const first = account("main", null);
    const admin = token(first.accountId, "admin");
    const keys = [newKey(install.installId, "token"), newKey(install.installId, "audit")];
    const plan = {
      install,
      keyring: keyring(1),
      keys,
      accounts: [first],
      tokens: [admin],
      audit: [audit(first.accountId, "init")],
    };
    expect(await subject.store.install.find()).toBeUndefined();
    expect(await subject.store.install.findKeyring()).toBeUndefined();
    expect(await subject.store.commitInstall(plan)).toBe("committed");
    for (const open of [() => subject.store, () => subject.reopen()]) {
      const store = await open();
      expect(await store.install.find()).toEqual(install);
      expect(await store.install.findKeyring()).toEqual(plan.keyring);
      expect(new Set(await store.install.listKeys(install.installId))).toEqual(new Set(keys));
      expect(await store.install.listAccounts()).toEqual([first]);
      expect(await store.install.findToken(admin.tokenId)).toEqual(admin);
      expect(await store.install.listAudit(first.accountId, page(10))).toEqual([{ ...plan.audit[0], seq: 1 }]);
    }
  });

  test("a second installation is a conflict and leaves nothing", async () => {
    const { store } = subject;
    const [first, second] = [installation(), installation()];
    const late = account("late", "late");
    const results = await Promise.all([
      store.commitInstall({ install: first, audit: [] }),
      store.commitInstall({ install: second, accounts: [late], audit: [audit(late.accountId, "init")] }),
    ]);
    expect(results).toEqual(["committed", "conflict"]);
    expect(await store.install.find()).toEqual(first);
    expect(await store.install.listAccounts()).toEqual([]);
    expect(await store.install.listAudit(late.accountId, page(10))).toEqual([]);
  });

  test("a keyring is replaced by its successor only, slots and all", async () => {
    const { store } = subject;
    const [first, second, other] = [keyring(1, 3), keyring(2, 1), keyring(2)];
    expect(await store.commitInstall({ keyring: second, audit: [] })).toBe("conflict");
    expect(await store.commitInstall({ keyring: first, audit: [] })).toBe("committed");
    expect(await store.commitInstall({ keyring: keyring(1), audit: [] })).toBe("conflict");
    expect(await store.commitInstall({ keyring: keyring(3), audit: [] })).toBe("conflict");
    expect(await store.install.findKeyring()).toEqual(first);
    const both = [second, other].map((row) => store.commitInstall({ keyring: row, audit: [] }));
    expect(await Promise.all(both)).toEqual(["committed", "conflict"]);
    expect(await store.install.findKeyring()).toEqual(second);
  });

  test("a key that is wrapped anew replaces itself", async () => {
    const { store } = subject;
    const owner = newId();
    const keys = [newKey(owner, "data", 1), newKey(owner, "data", 2), newKey(owner, "manifest", 1)];
    await store.commitInstall({ keys, audit: [] });
    const [first, second, third] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0]];
    const rewrapped = { ...second, term: 2, wrapped: asSealed(randomBytes(128)) };
    await store.commitInstall({ keys: [rewrapped], audit: [] });
    expect(new Set(await store.install.listKeys(owner))).toEqual(new Set([first, rewrapped, third]));
    // A third key of the same kind and generation is a mistake of the caller, and must not push out the first.
    const twin = newKey(owner, "data", 1);
    await expect(store.commitInstall({ keys: [twin], audit: [] })).rejects.toMatchObject({ code: "storage.failed" });
    expect(new Set(await store.install.listKeys(owner))).toEqual(new Set([first, rewrapped, third]));
  });

  test("tokens are listed by time of creation, replaced under their id, and revoked", async () => {
    const { store } = subject;
    const { accountId } = account("main", null);
    const [a, b, c] = [token(accountId, "a"), token(accountId, "b"), token(accountId, "c")];
    const foreign = token(newAccount(), "foreign");
    await store.commitInstall({ tokens: [c, a, foreign], audit: [] });
    await store.commitInstall({ tokens: [b], audit: [] });
    expect(await store.install.listTokens(accountId)).toEqual([a, b, c]);

    const ending = { ...b, name: "renamed", scopes: [], expiresOn: nextTime() };
    const revoking = { tokens: [ending], revokeTokenIds: [a.tokenId, newId()], audit: [audit(accountId, "token.revoke")] };
    expect(await store.commitInstall(revoking)).toBe("committed");
    expect(await store.install.listTokens(accountId)).toEqual([ending, c]);
    expect(await store.install.findToken(a.tokenId)).toBeUndefined();
    expect(await store.install.findToken(foreign.tokenId)).toEqual(foreign);
    expect(await store.install.listAudit(accountId, page(10))).toMatchObject([{ action: "token.revoke" }]);
  });

  test("accounts are listed by time of creation and replaced under their id", async () => {
    const { store } = subject;
    const [first, second] = [account("main", null), account("team", "team")];
    await store.commitInstall({ accounts: [second, first], audit: [] });
    expect(await store.install.listAccounts()).toEqual([first, second]);
    const renamed = { ...second, name: "Team" };
    await store.commitInstall({ accounts: [renamed], audit: [] });
    expect(await store.install.listAccounts()).toEqual([first, renamed]);
  });

  test("a label belongs to one account", async () => {
    const { store } = subject;
    await store.commitInstall({ accounts: [account("a", "team")], audit: [] });
    const plan = { accounts: [account("b", "team")], audit: [] };
    await expect(store.commitInstall(plan)).rejects.toMatchObject({ code: "storage.failed" });
    expect(await store.install.listAccounts()).toHaveLength(1);
  });

  test("audit rows are listed newest first, page by page, each account for itself", async () => {
    const { store } = subject;
    const [mine, theirs] = [newAccount(), newAccount()];
    const rows = Array.from({ length: 9 }, (_, index) => audit(index % 3 === 0 ? theirs : mine, `action-${index}`));
    await store.commitInstall({ audit: rows });
    const listed = await store.install.listAudit(mine, page(10));
    expect(listed.map((row) => row.action)).toEqual(["action-8", "action-7", "action-5", "action-4", "action-2", "action-1"]);
    expect(listed.map((row) => row.seq)).toEqual([9, 8, 6, 5, 3, 2]);
    expect(await store.install.listAudit(mine, page(2, 2))).toEqual(listed.slice(2, 4));
    expect(await store.install.listAudit(theirs, page(10))).toHaveLength(3);
  });
}
