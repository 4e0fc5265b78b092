import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { migrate } from "./migrations.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/storage-schema.md"), "utf8");
const db = new DatabaseSync(":memory:");
migrate(db);

function names(sql: string, ...params: string[]): string[] {
  return db
    .prepare(sql)
    .all(...params)
    .map((row) => String(row["name"]));
}

const tables = names("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name");

/** The text of a table's section. */
const sections = new Map(
  page.split(/^### `/m).flatMap((part, index) => {
    const end = part.indexOf("`");
    return index === 0 ? [] : [[part.slice(0, end), part.slice(end + 1).split(/^## /m)[0] ?? ""] as const];
  }),
);

test("docs/storage-schema.md has a section for every table, and none for another", () => {
  expect([...sections.keys()].toSorted()).toEqual(tables);
});

test.each(tables)("the section of %s names its columns in order, and its indexes", (table) => {
  const section = sections.get(table) ?? "";
  const columns = [...section.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
  expect(columns).toEqual(names("SELECT name FROM pragma_table_info(?) ORDER BY cid", table));
  const indexes = [...section.matchAll(/Index `(\w+)`/g)].map((match) => match[1]);
  expect(indexes).toEqual(
    names("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?", table),
  );
});

test("every sealed column that the page lists is a column of bytes", () => {
  const list = page.split(/^## /m).find((part) => part.startsWith("Sealed records")) ?? "";
  const sealed = [...list.matchAll(/^\| `(\w+)\.(\w+)` \|/gm)];
  expect(sealed.length).toBeGreaterThan(0);
  for (const [, table = "", column = ""] of sealed) {
    const type = db.prepare("SELECT type FROM pragma_table_info(?) WHERE name = ?").get(table, column);
    expect([table, column, type?.["type"]]).toEqual([table, column, "BLOB"]);
  }
});
