/** Our own routes, below /corral/v1: what Cloudflare's wire has no words for. */
import { CorralError } from "@corral/base";
import { fieldInvalid, parseBody, tokenBody } from "@corral/contract";
import type { TokenView } from "@corral/control";
import type { Exchange, Handler } from "../request/exchange.ts";

const MOST_WAIT_MS = 60_000;

export const corralRoutes = {
  /** `wait_epoch=N` or `latest`; answers when every node has settled it, or after `timeout_ms`. */
  "corral.state": async (exchange) => {
    const { control, caller } = exchange;
    const { head } = await control.workers.get(caller, exchange.param("name"));
    const epoch = readEpoch(exchange.query("wait_epoch"), head.epoch);
    const timeoutMs = Math.min(MOST_WAIT_MS, readNumber(exchange, "timeout_ms") ?? 10_000);
    const nodes = await control.deployments.states(caller, head.name, epoch === undefined ? undefined : { epoch, timeoutMs });
    return exchange.answer({
      worker: head.name,
      epoch: head.epoch,
      deployment_id: head.deploymentId,
      settled: nodes.length > 0 && nodes.every((node) => node.epoch >= (epoch ?? head.epoch) && node.state !== "converging"),
      nodes: nodes.map((node) => ({ node: node.node, epoch: node.epoch, state: node.state, reason: node.reason })),
    });
  },

  /** `dry_run` tells which versions would die, and changes nothing; whatever it says but "false" counts. */
  "corral.secrets.destroy": (exchange) => {
    const dryRun = (exchange.query("dry_run") ?? "false") !== "false";
    return exchange.change(
      (caller) => exchange.control.secrets.destroy(caller, exchange.param("name"), exchange.param("secret_name"), { dryRun }),
      (versions) => ({ versions, dry_run: dryRun }),
    );
  },

  "corral.audit": async (exchange) => {
    const rows = await exchange.control.accounts.audit(exchange.caller, exchange.paging(50, 1000));
    return exchange.answer(
      rows.map((row) => ({
        seq: row.seq,
        at: row.at,
        actor: row.actor,
        action: row.action,
        worker_id: row.workerId,
        worker: row.workerName,
        subject: row.subject,
        version_id: row.versionId,
        deployment_id: row.deploymentId,
        request_id: row.requestId,
      })),
    );
  },

  "corral.tokens.list": async (exchange) =>
    exchange.answer((await exchange.control.tokens.list(exchange.caller)).map(presentToken)),

  /** Not repeatable by Idempotency-Key: a stored answer would hold the token. */
  "corral.tokens.create": async (exchange) => {
    if (exchange.header("idempotency-key") !== undefined) throw new CorralError("idempotency.unsupported");
    const { token, view } = await exchange.control.tokens.create(exchange.caller, parseBody(tokenBody, await exchange.json()));
    return exchange.answer({ ...presentToken(view), token: token.reveal() });
  },

  "corral.tokens.revoke": (exchange) =>
    exchange.change(
      (caller) => exchange.control.tokens.revoke(caller, exchange.param("token_id")),
      () => null,
    ),
} satisfies Record<string, Handler>;

function readEpoch(text: string | undefined, latest: number): number | undefined {
  if (text === undefined) return undefined;
  if (text === "latest") return latest;
  if (!/^\d{1,15}$/.test(text)) throw fieldInvalid("wait_epoch", "expected a whole number or latest");
  return Number(text);
}

function readNumber(exchange: Exchange, field: "timeout_ms"): number | undefined {
  const text = exchange.query(field);
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw fieldInvalid(field, "expected a whole number");
  return Number(text);
}

function presentToken(token: TokenView) {
  return {
    id: token.tokenId,
    name: token.name,
    scopes: token.scopes,
    created_on: token.createdOn,
    expires_on: token.expiresOn,
  };
}
