/** S/secrets and S/secrets-bulk (wire.md 6.1, 6.2). Nothing here can show a value: control has none to give. */
import { parseSecret, parseSecretsBulk, type WireSecretView } from "@corral/contract";
import { presentSecret, presentSecretInput } from "../presenters/binding.ts";
import type { Exchange, Handler } from "../request/exchange.ts";

export async function listSecrets(exchange: Exchange, worker: string): Promise<Response> {
  const secrets = await exchange.control.secrets.list(exchange.caller, worker);
  return exchange.answer(secrets.map(presentSecret));
}

export async function putSecret(exchange: Exchange, worker: string): Promise<Response> {
  const secret = parseSecret(await exchange.json());
  return exchange.change(
    (caller) => exchange.control.secrets.put(caller, worker, secret),
    () => presentSecretInput(secret),
  );
}

export async function deleteSecret(exchange: Exchange, worker: string): Promise<Response> {
  return exchange.change(
    (caller) => exchange.control.secrets.remove(caller, worker, exchange.param("secret_name")),
    () => null,
  );
}

export async function bulkSecrets(exchange: Exchange, worker: string): Promise<Response> {
  const changes = parseSecretsBulk(await exchange.json());
  const put: Record<string, WireSecretView> = {};
  for (const [name, change] of changes) {
    if (change !== null) put[name] = presentSecretInput(change);
  }
  return exchange.change(
    (caller) => exchange.control.secrets.bulk(caller, worker, changes),
    () => put,
  );
}

export const secretRoutes = {
  "secrets.list": (exchange) => listSecrets(exchange, exchange.param("script_name")),
  "secrets.put": (exchange) => putSecret(exchange, exchange.param("script_name")),
  "secrets.delete": (exchange) => deleteSecret(exchange, exchange.param("script_name")),

  "secrets.get": async (exchange) => {
    const { control, caller } = exchange;
    return exchange.answer(
      presentSecret(await control.secrets.get(caller, exchange.param("script_name"), exchange.param("secret_name"))),
    );
  },

  "secrets.bulk": (exchange) => bulkSecrets(exchange, exchange.param("script_name")),
} satisfies Record<string, Handler>;
