/** `eval "$(corral env)"` points stock wrangler and the SDK at the Corral that runs here. */
import { choice, defineCommand, yesNo } from "../args/flags.ts";
import { findEndpoints } from "../config/endpoints.ts";
import { Failure } from "../output/errors.ts";

const shells = ["sh", "fish"] as const;

export const env = defineCommand({
  words: "env",
  summary: "Print the variables that point wrangler and the SDK at the running Corral",
  details: "On a terminal the token is hidden; through a pipe or in $( ) it is there.",
  document: "{CLOUDFLARE_API_BASE_URL, …}: one member per variable",
  positionals: [],
  flags: {
    shell: choice(shells, "whose syntax to print (default: sh)"),
    json: yesNo("print a JSON object"),
  },
  examples: [
    { does: "Use stock wrangler with it", line: 'eval "$(corral env)"' },
    { does: "The same in fish", line: "corral env --shell fish | source" },
  ],
  async run(args, _positionals, { io, out }) {
    const endpoints = findEndpoints(io);
    if (endpoints === undefined)
      throw new Failure("No Corral is running here.", {
        hints: ["Start it: ./corral up", "Or name its data directory: CORRAL_DATA"],
      });
    const hidden = io.terminal.stdout;
    const variables = {
      CLOUDFLARE_API_BASE_URL: endpoints.apiUrl,
      CLOUDFLARE_BASE_URL: endpoints.apiUrl,
      CLOUDFLARE_ACCOUNT_ID: endpoints.accountId,
      CLOUDFLARE_API_TOKEN: hidden ? "********" : endpoints.token.reveal(),
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_SEND_ERROR_REPORTS: "false",
      WRANGLER_HIDE_BANNER: "true",
    };
    if (args.json === true) out.always(variables);
    else for (const [name, value] of Object.entries(variables)) out.verbatim(`${assignment(args.shell ?? "sh", name, value)}\n`);
    if (hidden) out.note('The token is hidden on a terminal. Use: eval "$(corral env)"');
  },
});

function assignment(shell: (typeof shells)[number], name: string, value: string): string {
  if (shell === "fish") return `set -gx ${name} '${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  return `export ${name}='${value.replaceAll("'", "'\\''")}'`;
}
