import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migrate, migrations } from "./migrations.ts";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "corral-migrations-"));
  path = join(directory, "corral.db");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test("a migrated database carries Corral's mark and the number of the last step, and a second run changes nothing", () => {
  const db = new DatabaseSync(path);
  migrate(db);
  const read = () => [
    db.prepare("PRAGMA user_version").get(),
    db.prepare("PRAGMA application_id").get(),
    db.prepare("PRAGMA schema_version").get(),
  ];
  const first = read();
  expect(first[0]).toEqual({ user_version: migrations.length });
  expect(first[1]).toEqual({ application_id: 0x43524c31 });
  migrate(db);
  expect(read()).toEqual(first);
  db.close();
});

test("statistics that an operator gathered do not make the schema a foreign one", () => {
  const db = new DatabaseSync(path);
  migrate(db);
  db.exec("INSERT INTO install VALUES ('a', 'b', 'c', 0); ANALYZE");
  expect(() => {
    migrate(db);
  }).not.toThrow();
  db.close();
});

test("processes that start at once on a new database all find it whole", async () => {
  const url = pathToFileURL(join(import.meta.dirname, "open.ts")).href;
  const script = `import { openSqliteStore } from ${JSON.stringify(url)};
    const store = openSqliteStore({ path: process.argv[1] });
    process.exitCode = (await store.workers.listHeads()).length;
    await store.close();`;
  const children = Array.from({ length: 3 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", script, path], { stdio: ["ignore", "inherit", "inherit"] }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, "close")) as [number | null]));
  expect(codes.map(([code]) => code)).toEqual([0, 0, 0]);
});
