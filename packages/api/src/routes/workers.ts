/** A/workers/workers: the new Workers API (wire.md 6.6). `{worker_id}` is the immutable id or the name. */
import { uuidToHex } from "@corral/base";
import { parseBody, parseJsonVersion, parseVersionPatch, resultInfo, workerBody, workerPatchBody } from "@corral/contract";
import type { Caller, SubdomainInput, WorkerView } from "@corral/control";
import { toModule } from "../multipart/modules.ts";
import { toUpload } from "../multipart/upload.ts";
import { presentWorker, presentWorkerVersion, type Surroundings } from "../presenters/worker.ts";
import type { Exchange, Handler } from "../request/exchange.ts";
import { deleteWorker } from "./worker-actions.ts";

const worker = (exchange: Exchange) => exchange.param("worker_id");

interface Edit {
  readonly name?: string;
  readonly settings: Parameters<Exchange["control"]["workers"]["editSettings"]>[2];
  readonly subdomain?: { readonly enabled?: boolean; readonly previewsEnabled?: boolean };
}

export const workerRoutes = {
  "workers.list": async (exchange) => {
    const paging = exchange.paging(10, 100);
    const { workers, total } = await exchange.control.workers.list(exchange.caller, paging);
    const shown = await Promise.all(workers.map((one) => present(exchange, one)));
    return exchange.answer(shown, resultInfo(paging, shown.length, total));
  },

  "workers.create": async (exchange) => {
    const { name, settings, subdomain } = parseBody(workerBody, await exchange.json());
    const around = await surroundings(exchange, undefined);
    return exchange.change(
      (caller) =>
        exchange.control.workers.create(caller, name, settings, whole(subdomain, { enabled: false, previewsEnabled: false })),
      (made) => presentWorker(made, around),
    );
  },

  "workers.get": async (exchange) => exchange.answer(await present(exchange, await get(exchange))),
  "workers.put": async (exchange) => edit(exchange, parseBody(workerBody, await exchange.json())),
  "workers.edit": async (exchange) => edit(exchange, parseBody(workerPatchBody, await exchange.json())),
  "workers.delete": (exchange) => deleteWorker(exchange, worker(exchange)),

  "workers.versions.list": async (exchange) => {
    const paging = exchange.paging(10, 100);
    const { versions, total } = await exchange.control.versions.list(exchange.caller, worker(exchange), paging);
    return exchange.answer(
      versions.map((version) => presentWorkerVersion(version)),
      resultInfo(paging, versions.length, total),
    );
  },

  "workers.versions.create": async (exchange) => {
    const { metadata, modules } = parseJsonVersion(await exchange.json());
    const upload = toUpload(
      metadata,
      modules.map((module) => {
        const bytes = Buffer.from(module.contentBase64, "base64");
        return toModule(module.name, module.contentType, bytes, metadata.entry, metadata.syntax);
      }),
      { strictInherit: exchange.query("bindings_inherit") === "strict" },
    );
    const deploy = exchange.flag("deploy");
    return exchange.change(
      (caller) => exchange.control.versions.create(caller, worker(exchange), upload, { deploy }),
      (version) => presentWorkerVersion(version),
    );
  },

  "workers.versions.latest": (exchange) => getVersion(exchange, "latest"),
  "workers.versions.get": (exchange) => getVersion(exchange, exchange.param("version_id")),

  "workers.versions.delete": (exchange) =>
    exchange.change(
      (caller) => exchange.control.versions.remove(caller, worker(exchange), exchange.param("version_id")),
      () => null,
    ),

  "workers.versions.patch": async (exchange) => {
    const { changes, ...annotations } = parseVersionPatch(await exchange.json());
    const deploy = exchange.flag("deploy");
    return exchange.change(
      (caller) => exchange.control.versions.patchSecrets(caller, worker(exchange), changes, annotations, { deploy }),
      (version) => presentWorkerVersion(version),
    );
  },
} satisfies Record<string, Handler>;

function get(exchange: Exchange): Promise<WorkerView> {
  return exchange.control.workers.get(exchange.caller, worker(exchange));
}

async function getVersion(exchange: Exchange, id: string): Promise<Response> {
  const { control, caller } = exchange;
  const version = await control.versions.get(caller, worker(exchange), id);
  const modules = exchange.query("include")?.split(",").includes("modules") ?? false;
  const content = modules ? await control.versions.content(caller, worker(exchange), id) : undefined;
  return exchange.answer(presentWorkerVersion(version, content));
}

/** Each step sets a state, so a repetition ends where the first try would have. The last one answers. */
async function edit(exchange: Exchange, stated: Edit): Promise<Response> {
  const { control, caller } = exchange;
  const before = await get(exchange);
  const id = uuidToHex(before.workerId);
  if (stated.name !== undefined && stated.name !== before.head.name) await control.workers.rename(caller, id, stated.name);
  if (stated.subdomain !== undefined) await control.workers.setSubdomain(caller, id, whole(stated.subdomain, current(before)));
  const around = await surroundings(exchange, before);
  return exchange.change(
    (repeatable: Caller) => control.workers.editSettings(repeatable, id, stated.settings),
    (after) => presentWorker(after, around),
  );
}

function current({ head }: WorkerView): Required<SubdomainInput> {
  return { enabled: head.routed, previewsEnabled: head.previews };
}

function whole(stated: Edit["subdomain"], otherwise: Required<SubdomainInput>): SubdomainInput {
  const enabled = stated?.enabled ?? otherwise.enabled;
  return {
    enabled,
    previewsEnabled: stated?.previewsEnabled ?? (stated?.enabled === undefined ? otherwise.previewsEnabled : enabled),
  };
}

async function present(exchange: Exchange, view: WorkerView) {
  return presentWorker(view, await surroundings(exchange, view));
}

async function surroundings(exchange: Exchange, view: WorkerView | undefined): Promise<Surroundings> {
  const { control, caller } = exchange;
  const subdomain = await control.accounts.subdomain(caller);
  if (view === undefined) return { subdomain, deployedOn: null };
  const [active] = await control.deployments.list(caller, uuidToHex(view.workerId), { page: 1, perPage: 1 });
  return { subdomain, deployedOn: active?.createdOn ?? null };
}
