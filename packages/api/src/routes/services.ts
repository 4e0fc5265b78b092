/** A/workers/services: the same Worker as a service with environments. Absent is 10090 here, 10007 under scripts (wire.md 7). */
import { CorralError, isCorralError } from "@corral/base";
import { parseBody, renameBody } from "@corral/contract";
import type { WorkerView } from "@corral/control";
import { presentBindings } from "../presenters/binding.ts";
import { presentEnvironment, presentService } from "../presenters/service.ts";
import type { Exchange, Handler } from "../request/exchange.ts";
import { bulkSecrets, deleteSecret, listSecrets, putSecret } from "./secrets.ts";
import * as act from "./worker-actions.ts";

const service = (exchange: Exchange) => exchange.param("service_name");

/** An absent Worker is an absent service. */
async function asService<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (isCorralError(error, "worker.not-found")) throw new CorralError("service.not-found", { cause: error });
    throw error;
  }
}

const onService =
  (handler: Handler): Handler =>
  (exchange) =>
    asService(() => handler(exchange));

/**
 * `production` is the Worker itself; any other environment is the Worker `<name>-<environment>`, as `--env` makes it
 * (design.md 4). Absent is 10092; for secrets it is 10007, by which `secret put` knows to make a draft and `deploy` that
 * there is nothing to override.
 */
const onEnvironment =
  (handler: (exchange: Exchange, worker: string) => Promise<Response>): Handler =>
  async (exchange) => {
    try {
      return await handler(exchange, workerOf(exchange));
    } catch (error) {
      if (isCorralError(error, "worker.not-found")) throw new CorralError("environment.not-found", { cause: error });
      throw error;
    }
  };

const onSecrets =
  (handler: (exchange: Exchange, worker: string) => Promise<Response>): Handler =>
  (exchange) =>
    handler(exchange, workerOf(exchange));

function workerOf(exchange: Exchange): string {
  const environment = exchange.param("environment_name");
  return environment === "production" ? service(exchange) : `${service(exchange)}-${environment}`;
}

const get = (exchange: Exchange, worker: string): Promise<WorkerView> => exchange.control.workers.get(exchange.caller, worker);

export const serviceRoutes = {
  "services.get": onService(async (exchange) => exchange.answer(presentService(await get(exchange, service(exchange))))),
  "services.delete": onService((exchange) => act.deleteWorker(exchange, service(exchange))),
  "services.rename": onService(async (exchange) => {
    const { id } = parseBody(renameBody, await exchange.json());
    return exchange.change((caller) => exchange.control.workers.rename(caller, service(exchange), id), presentService);
  }),

  "environments.get": onEnvironment(async (exchange, worker) =>
    exchange.answer(presentEnvironment(await get(exchange, worker), exchange.param("environment_name"))),
  ),
  "environments.put": onEnvironment(act.putUpload),
  "environments.bindings": onEnvironment(async (exchange, worker) =>
    exchange.answer(presentBindings(act.newestOf(await get(exchange, worker)).manifest.bindings)),
  ),
  "environments.routes": onEnvironment(async (exchange, worker) => {
    await get(exchange, worker);
    return exchange.answer([]);
  }),
  "environments.subdomain": onEnvironment(act.getSubdomain),
  "environments.subdomain.set": onEnvironment(act.setSubdomain),
  "environments.schedules": onEnvironment(act.getSchedules),
  "environments.schedules.put": onEnvironment(act.putSchedules),
  "environments.settings": onEnvironment(act.getSettings),
  "environments.settings.edit": onEnvironment(act.editSettings),
  "environments.secrets": onSecrets(listSecrets),
  "environments.secrets.put": onSecrets(putSecret),
  "environments.secrets.delete": onSecrets(deleteSecret),
  "environments.secrets.bulk": onSecrets(bulkSecrets),
  "environments.content": onEnvironment((exchange, worker) => act.getContent(exchange, worker)),
  "environments.content.v2": onEnvironment((exchange, worker) => act.getContent(exchange, worker, exchange.query("version"))),
  "environments.content.put": onEnvironment(act.putContent),
} satisfies Record<string, Handler>;
