import { choice, defineCommand } from "../../args/flags.ts";
import { deploymentDocument } from "../../output/blocks.ts";
import type { Output } from "../../output/output.ts";
import { explain } from "../explain.ts";
import { formats } from "../secret/list.ts";
import { openTarget, targetFlags } from "../target.ts";
import { type LiveState, readState } from "../wait.ts";
import { printDeployment, versionsOf } from "./list.ts";

export const deploymentsStatus = defineCommand({
  words: "deployments status",
  summary: "Show the active deployment, and how far the nodes are with it",
  document:
    "{deployment_id, created_on, author, source, message, versions, state: {state, nodes: [{node, state, reason}]}}; null if nothing is deployed",
  positionals: [],
  flags: { ...targetFlags, format: choice(formats, "how to print (default: pretty)") },
  examples: [{ does: "What traffic gets now", line: "corral deployments status" }],
  async run(args, _positionals, cli) {
    const { api, worker } = await openTarget(args, cli);
    try {
      const [deployments, state] = await Promise.all([api.listDeployments(), readState(api, 0)]);
      const [active] = deployments;
      if (active === undefined) cli.out.line(`The Worker "${worker}" is not deployed.`);
      else printDeployment(cli.out, active, cli.out.json ? new Map() : await versionsOf([active], api));
      printState(cli.out, state);
      cli.out.document(active === undefined ? null : { ...deploymentDocument(active), state: stateDocument(state) });
    } catch (error) {
      throw await explain(error, { api, args });
    }
  },
});

export function stateDocument(state: LiveState | undefined) {
  if (state === undefined) return undefined;
  return { state: state.state, nodes: state.nodes.map(({ node, state: of, reason }) => ({ node, state: of, reason })) };
}

/** A start-up reason is redacted by the server. */
export function printState(out: Output, state: LiveState | undefined): void {
  if (state === undefined) return;
  out.line(`State:    ${state.state}`);
  for (const node of state.nodes)
    out.line(`          ${node.node}: ${node.state}${node.reason === undefined ? "" : `, ${node.reason}`}`);
}
