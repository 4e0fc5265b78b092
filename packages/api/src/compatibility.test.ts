import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cloudflareRoutes, corralRoutes } from "@corral/contract";
import { expect, test } from "vitest";

const page = readFileSync(join(import.meta.dirname, "../../../docs/compatibility.md"), "utf8");
const SHORT: Readonly<Record<string, string>> = {
  A: "/accounts/{account_id}",
  S: "/accounts/{account_id}/workers/scripts/{script_name}",
  E: "/accounts/{account_id}/workers/services/{service_name}/environments/{environment_name}",
  W: "/accounts/{account_id}/workers/workers/{worker_id}",
};

/** Operations in the first column of the tables under this heading. */
function listed(heading: string): readonly string[] {
  const section = page.split(/^## /m).find((one) => one.startsWith(heading)) ?? "";
  return [...section.matchAll(/^\| `([A-Z]+) ([^`]+)` \|/gm)].map(
    ([, method, path = ""]) => `${method} ${path.replace(/^[ASEW](?=\/|$)/, (letter) => SHORT[letter] ?? letter)}`,
  );
}

const operations = (table: Readonly<Record<string, { readonly method: string; readonly path: string }>>) =>
  Object.values(table).map(({ method, path }) => `${method} ${path}`);

test.each([
  ["Operations", cloudflareRoutes],
  ["Our own routes", corralRoutes],
] as const)("docs/compatibility.md has a row for each operation of the route table: %s", (heading, table) => {
  expect(listed(heading).toSorted()).toEqual(operations(table).toSorted());
});
