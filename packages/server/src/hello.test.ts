import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { HELLO, HELLO_COMPATIBILITY_DATE } from "./hello.ts";

test("the example is deployed as its own wrangler.jsonc says", () => {
  const config = readFileSync(new URL("../../../examples/hello/wrangler.jsonc", import.meta.url), "utf8");
  expect(config).toContain(`"name": "${HELLO}"`);
  expect(config).toContain(`"compatibility_date": "${HELLO_COMPATIBILITY_DATE}"`);
  expect(config).toContain('"main": "src/index.js"');
});
