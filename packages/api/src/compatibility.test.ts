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

const MARK = /\b[A-Z]\d+\b/g;
const [claims = "", evidence = ""] = page.split(/^## Tests$/m);
const tests = [...evidence.matchAll(/^\| ([A-Z]\d+) \| `([^`]+)` \| (.+) \|$/gm)].map(([, mark = "", file = "", name = ""]) => ({
  mark,
  file,
  name,
}));

/** Rows of tables that have a column named "test", with what stands in it. */
function testedRows(): readonly (readonly [string, string])[] {
  const rows: [string, string][] = [];
  let column = -1;
  for (const line of claims.split("\n")) {
    const cells = line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, ""));
    if (!line.startsWith("|")) column = -1;
    else if (cells.includes("test")) column = cells.indexOf("test");
    else if (column >= 0 && !line.startsWith("|---")) rows.push([cells[0] ?? "", cells[column] ?? ""]);
  }
  return rows;
}

test("every row says which test is behind it, unless the server is not asked", () => {
  const rows = testedRows();
  expect(rows.length).toBeGreaterThan(Object.keys(cloudflareRoutes).length + Object.keys(corralRoutes).length);
  expect(rows.filter(([, marks]) => marks.match(MARK) === null).map(([what]) => what)).toEqual(["`types`, `dev`"]);
});

test("every mark that is used stands in the list of tests, and the other way round", () => {
  const used = new Set(testedRows().flatMap(([, marks]) => marks.match(MARK) ?? []));
  expect([...used].toSorted((a, b) => a.localeCompare(b))).toEqual(
    tests.map(({ mark }) => mark).toSorted((a, b) => a.localeCompare(b)),
  );
});

test.each(tests)("$mark: $file has the test", ({ file, name }) => {
  const source = readFileSync(join(import.meta.dirname, "../../..", file), "utf8");
  expect(source.includes(`"${name}"`)).toBe(true);
});
