import { CorralError } from "@corral/base";
import type { AccountRow, AuditRow } from "@corral/storage";
import { authorise } from "../../authorise.ts";
import { pageOf } from "../../paging.ts";
import type { Parts } from "../../parts.ts";
import type { Caller, Paging } from "../../types.ts";

/** The accounts that this caller may use: its token's own. */
export async function listAccounts(parts: Parts, caller: Caller): Promise<readonly AccountRow[]> {
  const accounts = await parts.store.install.listAccounts();
  return accounts.filter(({ accountId }) => accountId === caller.accountId);
}

/** Throws "auth.denied" for another account and for one that does not exist, alike. */
export async function getAccount(parts: Parts, caller: Caller, accountId: string): Promise<AccountRow> {
  const found = (await listAccounts(parts, caller)).find((account) => account.accountId === accountId);
  if (found === undefined) throw new CorralError("auth.denied");
  return found;
}

/** Newest first, as the store lists them. */
export async function listAudit(
  parts: Parts,
  caller: Caller,
  paging: Paging,
): Promise<readonly (AuditRow & { readonly seq: number })[]> {
  authorise(caller, "admin");
  return parts.store.install.listAudit(caller.accountId, pageOf(paging));
}
