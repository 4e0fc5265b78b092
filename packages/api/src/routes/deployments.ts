/** S/deployments (wire.md 6.5). */
import { deploymentBody, parseBody } from "@corral/contract";
import { presentDeployment } from "../presenters/deployment.ts";
import type { Handler } from "../request/exchange.ts";

export const deploymentRoutes = {
  "deployments.list": async (exchange) => {
    const paging = exchange.paging(10, 100);
    const { control, caller } = exchange;
    const deployments = await control.deployments.list(caller, exchange.param("script_name"), paging);
    return exchange.answer({ deployments: deployments.map(presentDeployment) });
  },

  "deployments.create": async (exchange) => {
    const { shares, message } = parseBody(deploymentBody, await exchange.json());
    const force = exchange.flag("force");
    return exchange.change(
      (caller) => exchange.control.deployments.create(caller, exchange.param("script_name"), { shares, message, force }),
      presentDeployment,
    );
  },

  "deployments.get": async (exchange) => {
    const { control, caller } = exchange;
    return exchange.answer(
      presentDeployment(await control.deployments.get(caller, exchange.param("script_name"), exchange.param("deployment_id"))),
    );
  },

  "deployments.delete": async (exchange) =>
    exchange.change(
      (caller) => exchange.control.deployments.remove(caller, exchange.param("script_name"), exchange.param("deployment_id")),
      () => null,
    ),
} satisfies Record<string, Handler>;
