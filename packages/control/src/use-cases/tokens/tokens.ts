import { CorralError, type Redacted, timestamp } from "@corral/base";
import type { AuditRow, TokenRow } from "@corral/storage";
import { authorise } from "../../authorise.ts";
import type { Parts } from "../../parts.ts";
import { checkLabel } from "../../rules/names.ts";
import { unwrap } from "../../rules/unwrap.ts";
import { expiryOf, makeToken } from "../../tokens/tokens.ts";
import type { Caller, TokenInput, TokenView } from "../../types.ts";

export async function listTokens(parts: Parts, caller: Caller): Promise<readonly TokenView[]> {
  authorise(caller, "admin");
  return (await parts.store.install.listTokens(caller.accountId)).map(tokenView);
}

export async function createToken(
  parts: Parts,
  caller: Caller,
  input: TokenInput,
): Promise<{ readonly token: Redacted; readonly view: TokenView }> {
  authorise(caller, "admin");
  const { accountId } = caller;
  const at = timestamp(parts.clock.now());
  const { row, token } = makeToken(parts.tokenMac, parts.random, at, {
    accountId,
    kind: "a",
    name: unwrap(checkLabel("name", input.name)),
    scopes: input.scopes,
    expiresOn: expiryOf(input.expiresOn),
  });
  await parts.store.commitInstall({ tokens: [row], audit: [auditRow(caller, at, "token.create", row.tokenId)] });
  return { token, view: tokenView(row) };
}

/** At once in this process, within seconds in the other replicas. Throws "token.not-found". */
export async function revokeToken(parts: Parts, caller: Caller, tokenId: string): Promise<void> {
  authorise(caller, "admin");
  const row = await parts.store.install.findToken(tokenId);
  if (row?.accountId !== caller.accountId) throw new CorralError("token.not-found");
  const at = timestamp(parts.clock.now());
  await parts.store.commitInstall({ revokeTokenIds: [row.tokenId], audit: [auditRow(caller, at, "token.revoke", row.tokenId)] });
  parts.tokens.forget(row.tokenId);
  parts.tails.endOfToken(row.tokenId);
}

function tokenView({ tokenId, accountId, name, scopes, createdOn, expiresOn }: TokenRow): TokenView {
  return { tokenId, accountId, name, scopes, createdOn, expiresOn };
}

function auditRow(caller: Caller, at: string, action: string, subject: string): AuditRow {
  return {
    at,
    actor: caller.tokenId,
    action,
    accountId: caller.accountId,
    workerId: null,
    workerName: null,
    subject,
    versionId: null,
    deploymentId: null,
    requestId: caller.requestId,
  };
}
