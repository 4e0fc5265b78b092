import { describe, expect, test } from "vitest";
import { join } from "node:path";
import { Failure } from "../output/errors.ts";
import { emptyDirectory } from "../testing/run-cli.ts";
import { loadConfig } from "./config.ts";

async function refusal(promise: Promise<unknown>): Promise<Failure> {
  const error: unknown = await promise.catch((caught: unknown) => caught);
  if (error instanceof Failure) return error;
  throw new Error("was not refused");
}

const TOML = `
name = "w"
account_id = "0123456789abcdef0123456789abcdef"
main = "src/index.ts"
compatibility_date = "2026-01-31"
compatibility_flags = ["nodejs_compat"]

[vars]
GREETING = "hi"
[secrets]
required = ["API_KEY"]
[triggers]
crons = ["0 * * * *"]
[observability]
enabled = true
[[services]]
binding = "OTHER"
service = "other"

[env.production]
compatibility_date = "2026-02-01"
vars = { GREETING = "hello", DEPTH = { a = [1, 2] } }
[env.staging]
name = "w-stage"
`;

const JSONC = `{
  // the same
  "name": "w", "account_id": "0123456789abcdef0123456789abcdef", "main": "src/index.ts",
  "compatibility_date": "2026-01-31", "compatibility_flags": ["nodejs_compat"],
  "vars": { "GREETING": "hi" }, "secrets": { "required": ["API_KEY"] }, "triggers": { "crons": ["0 * * * *"] },
  "observability": { "enabled": true }, "services": [{ "binding": "OTHER", "service": "other" }],
  "env": {
    "production": { "compatibility_date": "2026-02-01", "vars": { "GREETING": "hello", "DEPTH": { "a": [1, 2] } } },
    "staging": { "name": "w-stage" },
  },
}`;

describe.each([
  ["wrangler.toml", TOML],
  ["wrangler.jsonc", JSONC],
  ["wrangler.json", JSONC],
])("%s", (file, text) => {
  const cwd = emptyDirectory({ [file]: text, "src/deep/x": "" });

  test("is found from a folder below, and read", async () => {
    expect(await loadConfig(join(cwd, "src/deep"), undefined, undefined)).toMatchObject({
      name: "w",
      accountId: "0123456789abcdef0123456789abcdef",
      main: join(cwd, "src/index.ts"),
      compatibilityDate: "2026-01-31",
      compatibilityFlags: ["nodejs_compat"],
      vars: { GREETING: "hi" },
      requiredSecrets: ["API_KEY"],
      crons: ["0 * * * *"],
      observability: { enabled: true },
      services: [{ name: "OTHER", service: "other" }],
      environments: ["production", "staging"],
    });
  });

  test("an environment has a name of its own, inherits settings, and no bindings", async () => {
    expect(await loadConfig(cwd, undefined, "production")).toMatchObject({
      name: "w-production",
      compatibilityDate: "2026-02-01",
      compatibilityFlags: ["nodejs_compat"],
      vars: { GREETING: "hello", DEPTH: { a: [1, 2] } },
      requiredSecrets: [],
      services: [],
    });
    expect(await loadConfig(cwd, undefined, "staging")).toMatchObject({ name: "w-stage", vars: {} });
  });

  test("an environment that is not there is refused, and not repeated", async () => {
    const failure = await refusal(loadConfig(cwd, undefined, "canary"));
    expect([failure.exitCode, failure.message, ...failure.hints]).toEqual([
      2,
      `The environment given with --env is not in ${file}.`,
      "There are: production, staging",
    ]);
  });
});

test("the nearest file counts, and none is no mistake", async () => {
  const cwd = emptyDirectory({ "wrangler.toml": 'name = "outer"', "inner/wrangler.jsonc": '{"name": "inner"}' });
  expect(await loadConfig(join(cwd, "inner"), undefined, undefined)).toMatchObject({ name: "inner" });
  expect(await loadConfig(join(cwd, "inner"), "../wrangler.toml", undefined)).toMatchObject({ name: "outer" });
  expect(await loadConfig(emptyDirectory(), undefined, undefined)).toBeUndefined();
});

describe("mistakes have a place, and their content is not quoted", () => {
  test.each([
    ["wrangler.toml", 'name = "w"\nvars = { A = "canary }\n', ["wrangler.toml:2:23  not valid TOML"]],
    ["wrangler.jsonc", '{\n  "name": "w",\n  "vars": { "A" "canary" }\n}', ['wrangler.jsonc:3:17  expected ":"']],
    ["wrangler.jsonc", '{\n  "name": "w",\n  "name": "canary"\n}', ["wrangler.jsonc:3:3  this key is already there"]],
    ["wrangler.json", "[]", ["wrangler.json:1:1  expected an object"]],
    [
      "wrangler.toml",
      'name = 3\nmain = ["canary"]\n[env.production]\ncompatibility_date = "canary"\n',
      [
        "wrangler.toml:2:8  main: expected a string",
        "wrangler.toml:4:22  env.production.compatibility_date: expected a date like 2026-01-31",
        "wrangler.toml:1:8  name: expected a string",
      ],
    ],
    [
      "wrangler.jsonc",
      '{\n  "name": 3,\n  "env": { "production": { "vars": "canary",\n    "triggers": { "crons": "canary" } } }\n}',
      [
        "wrangler.jsonc:2:11  name: expected a string",
        "wrangler.jsonc:3:36  env.production.vars: expected an object",
        "wrangler.jsonc:4:28  env.production.triggers.crons: expected a list of strings",
      ],
    ],
  ])("%s %j", async (file, text, places) => {
    const failure = await refusal(loadConfig(emptyDirectory({ [file]: text }), undefined, "production"));
    expect(failure.message).toBe(`The config file ${file} cannot be used.`);
    expect([...failure.places].toSorted()).toEqual(places.toSorted());
    expect(failure.exitCode).toBe(2);
  });
});

test("bindings of products that Corral does not have are found with their places", async () => {
  const cwd = emptyDirectory({
    "wrangler.toml": 'name = "w"\n[[kv_namespaces]]\nbinding = "KV"\nid = "x"\n[durable_objects]\nbindings = []\n',
  });
  expect((await loadConfig(cwd, undefined, undefined))?.unsupported).toEqual([
    { key: "kv_namespaces", place: "wrangler.toml:2:1  kv_namespaces is not supported by Corral" },
    { key: "durable_objects", place: "wrangler.toml:5:1  durable_objects is not supported by Corral" },
  ]);
});
