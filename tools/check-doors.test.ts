import { describe, expect, test } from "vitest";
import { checkDoors, type Room } from "./check-doors.ts";
import { findImports } from "./imports.ts";

const rooms: Room[] = [
  { folder: ".", name: "root", doors: new Set(["vitest"]) },
  { folder: "packages/base", name: "@corral/base", doors: new Set() },
  { folder: "packages/api", name: "@corral/api", doors: new Set(["@corral/base", "hono"]) },
  { folder: "packages/storage", name: "@corral/storage", doors: new Set(["@corral/base"]) },
];
const check = (path: string, text: string) => checkDoors([{ path, text }], rooms, new Set(["vitest"]));

describe("the doors between rooms", () => {
  test("a declared import and a file of the same room pass", () => {
    expect(
      check("packages/api/src/a.ts", 'import { x } from "@corral/base";\nimport { y } from "./b.ts";\nimport "hono";'),
    ).toEqual([]);
  });

  test("an undeclared import is a fault, in each form of import", () => {
    for (const line of [
      'import { Store } from "@corral/storage";',
      'import type { Store } from "@corral/storage";',
      'export { x } from "@corral/storage";',
      'const room = await import("@corral/storage");',
      'import {\n  a,\n  b,\n} from "@corral/storage";',
    ]) {
      expect(check("packages/api/src/a.ts", line), line).toHaveLength(1);
    }
  });

  test("an inner file of another room is a fault, however it is named", () => {
    expect(check("packages/api/src/a.ts", 'import { x } from "../../base/src/bytes.ts";')).toHaveLength(1);
    expect(check("packages/api/src/a.ts", 'import { x } from "@corral/base/src/bytes.ts";')).toHaveLength(1);
  });

  test("a test may use the tools of the repository, production code may not", () => {
    expect(check("packages/api/src/a.test.ts", 'import { test } from "vitest";')).toEqual([]);
    expect(check("packages/api/src/a.ts", 'import { test } from "vitest";')).toHaveLength(1);
  });

  test("what only one room may do is a fault in every other", () => {
    for (const [path, line] of [
      ["packages/api/src/a.ts", 'import { createHmac } from "node:crypto";'],
      ["packages/api/src/a.ts", 'import { DatabaseSync } from "node:sqlite";'],
      ["packages/api/src/a.ts", "const port = process.env.PORT;"],
      ["packages/api/src/a.ts", 'import { spawn } from "node:child_process";'],
      ["packages/base/src/a.ts", 'import { join } from "node:path";'],
      ["packages/api/src/a.worker.ts", 'import { join } from "node:path";'],
      ["packages/storage/src/a.ts", 'import { Redacted } from "@corral/base";'],
      ["packages/api/src/a.ts", "function open(opener: Opener) {}"],
    ] as const) {
      expect(check(path, line), line).toHaveLength(1);
    }
  });

  test("comments are not code", () => {
    expect(check("packages/api/src/a.ts", "// process.env is read elsewhere\n/* process.exit */")).toEqual([]);
    expect(findImports('// import { x } from "y";\nimport { z } from "w"; // from "v"')).toEqual(["w"]);
  });
});
