/** Which client speaks, from its User-Agent: fills `source` and `last_deployed_from` (wire.md 1, other-clients.md 6.21). */
const CLIENTS: readonly (readonly [prefix: string, source: string])[] = [
  ["wrangler/", "wrangler"],
  ["terraform-provider-cloudflare", "terraform"],
  ["corral/", "corral"],
  ["cf/", "cf_cli"],
  ["cf-cli/", "cf_cli"],
];

/** Never "dash": wrangler would ask for endpoints that only the dashboard has. */
export function sourceOf(userAgent: string | undefined): string {
  if (userAgent === undefined) return "api";
  return CLIENTS.find(([prefix]) => userAgent.startsWith(prefix))?.[1] ?? "api";
}
