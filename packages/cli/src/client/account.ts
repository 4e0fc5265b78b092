/** The account, where none is named: the token's only one, or the one that the user picks. */
import type { Cli } from "../cli.ts";
import { usage } from "../output/errors.ts";
import { asObject, type HttpClient } from "./http-client.ts";
import { items } from "./shapes.ts";

export interface AccountInfo {
  readonly id: string;
  readonly name: string;
}

export async function listAccounts(http: HttpClient): Promise<AccountInfo[]> {
  const { result } = await http.request({ method: "GET", from: "base", path: "/accounts", query: { page: "1" } });
  return items(result).flatMap((one) => {
    const { id, name } = asObject(one) ?? {};
    return typeof id === "string" ? [{ id, name: typeof name === "string" ? name : "" }] : [];
  });
}

export async function chooseAccount(http: HttpClient, cli: Cli): Promise<string> {
  const accounts = await listAccounts(http);
  const [only] = accounts;
  if (only === undefined) throw usage("The token belongs to no account.", "Name one: CLOUDFLARE_ACCOUNT_ID");
  if (accounts.length === 1) return only.id;
  if (!cli.ask.possible)
    throw usage("The token belongs to several accounts.", "Name one: CLOUDFLARE_ACCOUNT_ID, or account_id in the config file");
  return cli.ask.choose(
    "Which account?",
    accounts.map((one) => ({ label: `${one.name} (${one.id})`, value: one.id })),
  );
}
