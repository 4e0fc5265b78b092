/** A/workers/scripts: the Worker as a script (wire.md 4). */
import { CorralError } from "@corral/base";
import { pageOf, parseBody, resultInfo, usageModelBody } from "@corral/contract";
import type { WorkerView } from "@corral/control";
import { presentBindingsForGo } from "../presenters/binding.ts";
import { presentScript } from "../presenters/script.ts";
import { presentSettings, presentSubdomain } from "../presenters/settings.ts";
import type { Exchange, Handler } from "../request/exchange.ts";
import { readTagFilter } from "./tag-filter.ts";
import * as act from "./worker-actions.ts";

const name = (exchange: Exchange) => exchange.param("script_name");
const USAGE_MODEL = { usage_model: "standard" };

/** This list is not paged on the wire. */
async function allWorkers(exchange: Exchange): Promise<readonly WorkerView[]> {
  const all: WorkerView[] = [];
  for (let page = 1; ; page++) {
    const { workers, total } = await exchange.control.workers.list(exchange.caller, { page, perPage: 1000 });
    all.push(...workers);
    if (workers.length === 0 || all.length >= total) return all;
  }
}

export const scriptRoutes = {
  "scripts.list": async (exchange) => {
    const wanted = readTagFilter(exchange.query("tags"));
    const workers = await allWorkers(exchange);
    return exchange.answer(workers.filter((worker) => wanted(worker.settings.tags ?? [])).map(presentScript));
  },

  "scripts.search": async (exchange) => {
    const [wantedName, wantedId] = [exchange.query("name"), exchange.query("id")];
    const scripts = (await allWorkers(exchange)).map(presentScript);
    const found = scripts.filter(
      (script) =>
        (wantedName === undefined || script.id.includes(wantedName)) && (wantedId === undefined || script.tag === wantedId),
    );
    const paging = exchange.paging(10);
    const shown = pageOf(found, paging).map((script) => ({
      id: script.tag,
      script_name: script.id,
      service_name: script.id,
      environment_name: "production",
      environment_is_default: true,
      created_on: script.created_on,
      modified_on: script.modified_on,
    }));
    return exchange.answer(shown, resultInfo(paging, shown.length, found.length));
  },

  "scripts.put": (exchange) => act.putUpload(exchange, name(exchange)),
  "scripts.get": (exchange) => act.getContent(exchange, name(exchange)),
  "scripts.delete": (exchange) => act.deleteWorker(exchange, name(exchange)),
  "scripts.content": (exchange) => act.getContent(exchange, name(exchange), exchange.query("version")),
  "scripts.content.put": (exchange) => act.putContent(exchange, name(exchange)),
  "scripts.settings": (exchange) => act.getSettings(exchange, name(exchange)),
  "scripts.settings.edit": (exchange) => act.editSettings(exchange, name(exchange)),
  "scripts.script-settings.edit": (exchange) => act.editScriptSettings(exchange, name(exchange)),

  "scripts.script-settings": async (exchange) =>
    exchange.answer(presentSettings((await exchange.control.workers.get(exchange.caller, name(exchange))).settings)),

  "scripts.bindings": async (exchange) => {
    const worker = await exchange.control.workers.get(exchange.caller, name(exchange));
    return exchange.answer(presentBindingsForGo(act.newestOf(worker).manifest.bindings));
  },

  "scripts.bindings.content": async (exchange) => {
    const content = await exchange.control.versions.content(exchange.caller, name(exchange), "latest");
    const wanted = exchange.param("binding_name");
    const binding = content.manifest.bindings.find((one) => one.name === wanted);
    const module = content.modules.find((one) => binding !== undefined && "part" in binding && one.name === binding.part);
    if (module === undefined) throw new CorralError("binding.not-found");
    return exchange.raw(Uint8Array.from(module.bytes), { "content-type": module.contentType });
  },

  "scripts.usage-model": async (exchange) => {
    await exchange.control.workers.get(exchange.caller, name(exchange));
    return exchange.answer(USAGE_MODEL);
  },

  "scripts.usage-model.put": async (exchange) => {
    parseBody(usageModelBody, await exchange.json());
    await exchange.control.workers.get(exchange.caller, name(exchange));
    return exchange.answer(USAGE_MODEL);
  },

  "scripts.references": async (exchange) => {
    const callers = await exchange.control.workers.references(exchange.caller, name(exchange));
    const incoming = callers.map((caller) => ({ name: caller, service: caller, environment: "production", bindings: [] }));
    return exchange.answer({ services: { incoming, outgoing: [] }, durable_objects: [], dispatch_outbounds: [] });
  },

  "scripts.queue-consumers": async (exchange) => {
    await exchange.control.workers.get(exchange.caller, name(exchange));
    return exchange.answer([]);
  },

  "subdomain.get": (exchange) => act.getSubdomain(exchange, name(exchange)),
  "subdomain.set": (exchange) => act.setSubdomain(exchange, name(exchange)),
  "subdomain.delete": (exchange) =>
    exchange.change(
      (caller) => exchange.control.workers.setSubdomain(caller, name(exchange), { enabled: false, previewsEnabled: false }),
      presentSubdomain,
    ),

  "schedules.get": (exchange) => act.getSchedules(exchange, name(exchange)),
  "schedules.put": (exchange) => act.putSchedules(exchange, name(exchange)),
} satisfies Record<string, Handler>;
