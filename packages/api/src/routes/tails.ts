/** S/tails (wire.md 10). */
import { parseBody, tailBody } from "@corral/contract";
import { presentTail } from "../presenters/tail.ts";
import type { Exchange, Handler } from "../request/exchange.ts";
import { tailPath } from "../tails/tail-server.ts";

const name = (exchange: Exchange) => exchange.param("script_name");

export const tailRoutes = {
  "tails.list": async (exchange) =>
    exchange.answer((await exchange.control.tails.list(exchange.caller, name(exchange))).map(presentTail)),

  "tails.create": async (exchange) => {
    const filters = parseBody(tailBody, (await exchange.json()) ?? {});
    const clientAddress =
      exchange.header("x-real-ip") ?? exchange.header("x-forwarded-for")?.split(",")[0]?.trim() ?? "127.0.0.1";
    const { tail, capability } = await exchange.control.tails.create(exchange.caller, name(exchange), { filters, clientAddress });
    return exchange.answer({ ...presentTail(tail), url: `${origin(exchange)}${tailPath(capability)}` });
  },

  "tails.delete": async (exchange) => {
    await exchange.control.tails.remove(exchange.caller, name(exchange), exchange.param("tail_id"));
    return exchange.answer(null);
  },

  "tails.heartbeat": async (exchange) =>
    exchange.answer(presentTail(await exchange.control.tails.extend(exchange.caller, name(exchange), exchange.param("tail_id")))),
} satisfies Record<string, Handler>;

const HOST = /^(?:[\w.-]{1,255}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** The way the client came is the way back; the header names nobody else's host, for only the sender sees the answer. */
function origin(exchange: Exchange): string {
  const host = exchange.header("host") ?? "";
  const scheme = exchange.header("x-forwarded-proto") === "https" ? "wss" : "ws";
  return `${scheme}://${HOST.test(host) ? host : "127.0.0.1"}`;
}
