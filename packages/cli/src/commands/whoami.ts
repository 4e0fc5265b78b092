import { defineCommand } from "../args/flags.ts";
import { listAccounts } from "../client/account.ts";
import { findEndpoint } from "../client/endpoint.ts";
import { asObject, HttpClient } from "../client/http-client.ts";
import { text } from "../client/shapes.ts";
import { loadConfig } from "../config/config.ts";
import { plain } from "../output/blocks.ts";
import { Failure } from "../output/errors.ts";
import { configFlags, targetFlags } from "./target.ts";

export const whoami = defineCommand({
  words: "whoami",
  summary: "Show the server, the token's owner and its accounts",
  document: "{server, email, accounts: [{id, name}], account}",
  positionals: [],
  flags: { ...configFlags, json: targetFlags.json },
  examples: [{ does: "Am I talking to the right server?", line: "corral whoami" }],
  async run(args, _positionals, cli) {
    const config = await loadConfig(cli.io.cwd, args.config, undefined);
    const endpoint = findEndpoint(cli.io, config?.accountId);
    const http = new HttpClient(endpoint, cli.io);
    const [accounts, email] = await Promise.all([listAccounts(http), userEmail(http)]);
    cli.out.line(`Server:   ${endpoint.shownUrl}${endpoint.local ? "  (the Corral of this machine)" : ""}`);
    cli.out.line(`User:     ${plain(email)}`);
    for (const one of accounts) {
      const chosen = one.id === endpoint.accountId || accounts.length === 1 ? "  (used)" : "";
      cli.out.line(`Account:  ${one.id}  ${plain(one.name)}${chosen}`);
    }
    cli.out.document({
      server: endpoint.shownUrl,
      email,
      accounts: accounts.map(({ id, name }) => ({ id, name })),
      account: endpoint.accountId,
    });
  },
});

/** An account's own token has no user: that is no failure, unless nobody knows the token at all. */
async function userEmail(http: HttpClient): Promise<string | undefined> {
  try {
    return text(asObject((await http.request({ method: "GET", from: "base", path: "/user" })).result)?.["email"]);
  } catch (error) {
    if (error instanceof Failure && error.code === 9109) return undefined;
    throw error;
  }
}
