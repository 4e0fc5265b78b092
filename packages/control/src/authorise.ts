/**
 * Who may do what. A token's scopes say it; another account's Worker does not exist for it.
 *
 * Names of secrets stand in every version that a deployer must be able to read, so whoever may deploy or write secrets
 * may list them. No scope can read a value.
 */
import { CorralError } from "@corral/base";
import type { Caller, Scope } from "./types.ts";

export type Action = "worker.read" | "worker.code" | "worker.write" | "worker.tail" | "secret.list" | "secret.write" | "admin";

const ALLOWED: Readonly<Record<Action, readonly Scope[]>> = {
  "worker.read": ["workers:read", "workers:deploy", "secrets:write"],
  "worker.code": ["workers:read", "workers:deploy"],
  "worker.write": ["workers:deploy"],
  // Requests of a Worker's users stand in its tail: to read its configuration is not enough.
  "worker.tail": ["workers:tail", "workers:deploy"],
  "secret.list": ["secrets:list", "secrets:write", "workers:deploy", "workers:read"],
  "secret.write": ["secrets:write"],
  admin: [],
};

/** Throws "auth.denied". */
export function authorise(caller: Caller, action: Action): void {
  const allowed = ALLOWED[action];
  if (!caller.scopes.some((scope) => scope === "admin" || allowed.includes(scope))) throw new CorralError("auth.denied");
}

/** Tokens have no person behind them that we know of; clients print an address all the same. */
export function authorEmail(caller: Pick<Caller, "tokenId">): string {
  return `${caller.tokenId}@tokens.corral.invalid`;
}
