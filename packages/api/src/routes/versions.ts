/** S/versions (wire.md 6.4). */
import { resultInfo } from "@corral/contract";
import { parseUpload } from "../multipart/upload.ts";
import { presentVersion } from "../presenters/version.ts";
import type { Handler } from "../request/exchange.ts";

export const versionRoutes = {
  /** `deployable=true` asks for the newest 100, which is what there is (design.md 5). */
  "versions.list": async (exchange) => {
    const paging = exchange.paging(exchange.flag("deployable") ? 100 : 10, 100);
    const { versions, total } = await exchange.control.versions.list(exchange.caller, exchange.param("script_name"), paging);
    return exchange.answer({ items: versions.map(presentVersion) }, resultInfo(paging, versions.length, total));
  },

  "versions.create": async (exchange) => {
    const upload = parseUpload(exchange.header("content-type"), await exchange.bytes(), {
      strictInherit: exchange.query("bindings_inherit") === "strict",
    });
    return exchange.change(
      (caller) => exchange.control.versions.create(caller, exchange.param("script_name"), upload),
      presentVersion,
    );
  },

  "versions.get": async (exchange) => {
    const { control, caller } = exchange;
    return exchange.answer(
      presentVersion(await control.versions.get(caller, exchange.param("script_name"), exchange.param("version_id"))),
    );
  },

  /** What versions were called before deployments had shares; the script is named by its tag (OpenAPI of 2024-08). */
  "by-script.list": async (exchange) => {
    const paging = exchange.paging(10, 100);
    const { versions, total } = await exchange.control.versions.list(exchange.caller, exchange.param("script_id"), paging);
    const { newest } = await exchange.control.workers.get(exchange.caller, exchange.param("script_id"));
    const items = versions.map(presentVersion).map(({ id, number, metadata }) => ({ id, number, metadata }));
    const latest = newest === undefined ? {} : presentVersion(newest);
    return exchange.answer({ items, latest }, resultInfo(paging, versions.length, total));
  },

  "by-script.get": async (exchange) => {
    const { control, caller } = exchange;
    return exchange.answer(
      presentVersion(await control.versions.get(caller, exchange.param("script_id"), exchange.param("deployment_id"))),
    );
  },
} satisfies Record<string, Handler>;
