/** What the script, service and Workers endpoints do alike. `worker` is a name, or an id where both are taken. */
import { CorralError, timestamp } from "@corral/base";
import { parseBody, parseSettingsEdit, schedulesBody, scriptSettingsBody, subdomainBody } from "@corral/contract";
import type { VersionView, WorkerView } from "@corral/control";
import { parseCode, parseSettingsBody, parseUpload } from "../multipart/upload.ts";
import { renderContent } from "../multipart/write.ts";
import { presentScript } from "../presenters/script.ts";
import { presentAllSettings, presentSchedules, presentSettings, presentSubdomain } from "../presenters/settings.ts";
import type { Exchange } from "../request/exchange.ts";

/** Throws worker.no-versions for an empty Worker. */
export function newestOf(worker: WorkerView): VersionView {
  if (worker.newest === undefined) throw new CorralError("worker.no-versions");
  return worker.newest;
}

export async function putUpload(exchange: Exchange, name: string): Promise<Response> {
  const upload = parseUpload(exchange.header("content-type"), await exchange.bytes(), {
    strictInherit: exchange.query("bindings_inherit") === "strict",
  });
  return exchange.change((caller) => exchange.control.workers.put(caller, name, upload), presentScript);
}

export async function getSettings(exchange: Exchange, name: string): Promise<Response> {
  const worker = await exchange.control.workers.get(exchange.caller, name);
  return exchange.answer(presentAllSettings(worker, newestOf(worker)));
}

export async function editSettings(exchange: Exchange, name: string): Promise<Response> {
  const edit = parseSettingsEdit(parseSettingsBody(exchange.header("content-type"), await exchange.bytes()));
  return exchange.change(
    (caller) => exchange.control.versions.patchSettings(caller, name, edit),
    (worker) => presentAllSettings(worker, newestOf(worker)),
  );
}

export async function editScriptSettings(exchange: Exchange, name: string): Promise<Response> {
  const settings = parseBody(scriptSettingsBody, await exchange.json());
  return exchange.change(
    (caller) => exchange.control.workers.editSettings(caller, name, settings),
    (worker) => presentSettings(worker.settings),
  );
}

/** `version` undefined: the newest. */
export async function getContent(exchange: Exchange, name: string, version?: string): Promise<Response> {
  const content = await exchange.control.versions.content(exchange.caller, name, version ?? "latest");
  const { bytes, headers } = renderContent(content, exchange.options.random);
  return exchange.raw(bytes, headers);
}

export async function putContent(exchange: Exchange, name: string): Promise<Response> {
  const code = parseCode(exchange.header("content-type"), await exchange.bytes(), {
    mainModule: exchange.header("cf-worker-main-module-part"),
    bodyPart: exchange.header("cf-worker-body-part"),
  });
  return exchange.change((caller) => exchange.control.versions.putContent(caller, name, code), presentScript);
}

export async function getSubdomain(exchange: Exchange, name: string): Promise<Response> {
  return exchange.answer(presentSubdomain(await exchange.control.workers.get(exchange.caller, name)));
}

export async function setSubdomain(exchange: Exchange, name: string): Promise<Response> {
  const subdomain = parseBody(subdomainBody, await exchange.json());
  return exchange.change((caller) => exchange.control.workers.setSubdomain(caller, name, subdomain), presentSubdomain);
}

export async function getSchedules(exchange: Exchange, name: string): Promise<Response> {
  return exchange.answer(presentSchedules((await exchange.control.workers.get(exchange.caller, name)).settings));
}

export async function putSchedules(exchange: Exchange, name: string): Promise<Response> {
  const crons = parseBody(schedulesBody, await exchange.json());
  const { settings } = await exchange.control.workers.get(exchange.caller, name);
  const now = timestamp(exchange.options.clock.now());
  const schedules = crons.map((cron) => {
    const kept = settings.schedules.find((schedule) => schedule.cron === cron);
    return kept ?? { cron, createdOn: now, modifiedOn: now };
  });
  return exchange.change(
    (caller) => exchange.control.workers.editSettings(caller, name, { schedules }),
    (worker) => presentSchedules(worker.settings),
  );
}

/** With `force` also while other Workers bind it. */
export async function deleteWorker(exchange: Exchange, name: string): Promise<Response> {
  const force = exchange.flag("force");
  return exchange.change(
    (caller) => exchange.control.workers.remove(caller, name, { force }),
    () => null,
  );
}
