/** Who am I, and what is common to an account (wire.md 3, other-clients.md 6.7). */
import { CorralError } from "@corral/base";
import { accountSubdomainBody, pageOf, parseBody, resultInfo } from "@corral/contract";
import { presentAccount, presentMembership, presentUser } from "../presenters/account.ts";
import type { Exchange, Handler } from "../request/exchange.ts";

const verify: Handler = async (exchange) => exchange.answer({ id: exchange.caller.tokenId, status: "active" });

async function paged(exchange: Exchange, items: readonly unknown[]): Promise<Response> {
  const paging = exchange.paging(20);
  const shown = pageOf(items, paging);
  return exchange.answer(shown, resultInfo(paging, shown.length, items.length));
}

/** A product that Corral has not, asked for in passing: nothing of it is there. */
const empty: Handler = (exchange) => paged(exchange, []);

export const accountRoutes = {
  "user.get": async (exchange) => exchange.answer(presentUser(exchange.caller)),
  "user.verify": verify,
  "accounts.verify": verify,

  "memberships.list": async (exchange) => {
    const accounts = await exchange.control.accounts.list(exchange.caller);
    return paged(exchange, accounts.map(presentMembership));
  },

  "accounts.list": async (exchange) => {
    const accounts = await exchange.control.accounts.list(exchange.caller);
    return paged(exchange, accounts.map(presentAccount));
  },

  "accounts.get": async (exchange) =>
    exchange.answer(presentAccount(await exchange.control.accounts.get(exchange.caller, exchange.param("account_id")))),

  "zones.list": empty,
  "account.tails": empty,
  "account.domains": empty,
  "account.domains.records": empty,
  "account.durable-objects": empty,
  "account.kv": empty,

  "account.subdomain": async (exchange) => exchange.answer(await presentLabel(exchange)),

  "account.subdomain.put": async (exchange) => {
    const body = parseBody(accountSubdomainBody, await exchange.json());
    const label = await presentLabel(exchange);
    if ((body.subdomain ?? body.name) !== label.subdomain) throw new CorralError("subdomain.fixed");
    return exchange.answer(label);
  },

  "account.subdomain.find": async (exchange) => {
    const label = await presentLabel(exchange);
    throw new CorralError(exchange.param("subdomain") === label.subdomain ? "subdomain.taken" : "subdomain.free");
  },

  "account.settings": async (exchange) => exchange.answer(ACCOUNT_SETTINGS),
  "account.settings.put": async (exchange) => {
    await exchange.json();
    return exchange.answer(ACCOUNT_SETTINGS);
  },
} satisfies Record<string, Handler>;

const ACCOUNT_SETTINGS = { default_usage_model: "standard", green_compute: false };

async function presentLabel(exchange: Exchange): Promise<{ readonly subdomain: string; readonly name: string }> {
  const subdomain = await exchange.control.accounts.subdomain(exchange.caller);
  return { subdomain, name: subdomain };
}
