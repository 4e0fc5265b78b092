import type { WireAccount } from "@corral/contract";
import type { Caller, Control } from "@corral/control";

type AccountView = Awaited<ReturnType<Control["accounts"]["get"]>>;

export function presentAccount(account: AccountView): WireAccount {
  return {
    id: account.accountId,
    name: account.name,
    type: "standard",
    settings: { enforce_twofactor: false },
    created_on: account.createdOn,
  };
}

/** The token as a user: there are no people in Corral, and clients print an address. */
export function presentUser(caller: Pick<Caller, "tokenId">) {
  return {
    id: caller.tokenId,
    email: `${caller.tokenId}@tokens.corral.invalid`,
    first_name: null,
    last_name: null,
    username: caller.tokenId,
    telephone: null,
    country: null,
    zipcode: null,
    two_factor_authentication_enabled: false,
    two_factor_authentication_locked: false,
    suspended: false,
  };
}

export function presentMembership(account: AccountView) {
  return {
    id: account.accountId,
    code: "",
    status: "accepted",
    account: presentAccount(account),
    api_access_enabled: null,
    roles: ["Administrator"],
    permissions: {},
  };
}
