/** Help, completion, types, init, whoami, status and the lists. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FakeCloudflare } from "../testing/fake-cloudflare.ts";
import { emptyDirectory, runCli, type RunOptions } from "../testing/run-cli.ts";
import { VERSION } from "../client/http-client.ts";
import { table } from "./table.ts";

let fake: FakeCloudflare;
let cwd: string;

beforeAll(async () => {
  fake = await FakeCloudflare.start();
});
afterAll(async () => fake[Symbol.asyncDispose]());
beforeEach(() => {
  fake.workers.clear();
  fake.requests.length = 0;
  cwd = emptyDirectory({ "wrangler.toml": 'name = "w"\n' });
});

const corral = (line: string, options: RunOptions = {}) =>
  runCli(line === "" ? [] : line.split(" "), { cwd, env: fake.env, ...options });

describe("help", () => {
  test.each(table.map((entry) => entry.words))(
    "%s explains itself, with an example that begins with its words",
    async (words) => {
      const ended = await corral(`help ${words}`);
      expect(ended.code).toBe(0);
      expect(ended.stdout).toContain(`  corral ${words} `);
      expect(ended.stdout).toMatch(/\nExamples:\n {2}# \S/);
      expect((await corral(`${words} --help`)).stdout).toBe(ended.stdout);
    },
  );

  test("every command that prints JSON says its shape, here and in docs/cli.md", async () => {
    const page = readFileSync(join(import.meta.dirname, "..", "..", "..", "..", "docs", "cli.md"), "utf8");
    const commands = await Promise.all(table.map((entry) => entry.load()));
    const withJson = commands.filter((one) => Object.hasOwn(one.flags, "json"));
    expect(commands.filter((one) => one.document !== undefined)).toEqual(withJson);
    const rows = withJson.map((one) => `| \`corral ${one.words}\` | \`${one.document}\` |`);
    expect(rows.filter((row) => !page.includes(row))).toEqual([]);
  });

  test("nothing, --help and help list all commands; --version prints the package's", async () => {
    const overview = (await corral("")).stdout;
    for (const entry of table) expect(overview).toContain(`  corral ${entry.words} `);
    expect((await corral("--help")).stdout).toBe(overview);
    expect((await corral("help")).stdout).toBe(overview);
    const manifest = readFileSync(join(import.meta.dirname, "..", "..", "package.json"), "utf8");
    expect(manifest).toContain(`"version": "${VERSION}"`);
    expect((await corral("--version")).stdout).toBe(`${VERSION}\n`);
  });

  test("a mistyped command is answered with the near one, and not repeated", async () => {
    expect(await corral("secrets put K")).toMatchObject({
      code: 2,
      stderr: "error: There is no such command.\nhint: Did you mean: corral secret put\n",
    });
    expect(await corral("canary-value-typed-here")).toMatchObject({
      code: 2,
      stderr: "error: There is no such command.\nhint: All commands: corral help\n",
    });
    expect(await corral("secret")).toMatchObject({ code: 2, stdout: expect.stringContaining("corral secret put") as unknown });
  });
});

describe("completion", () => {
  const complete = async (line: readonly string[]) => {
    const script = (await corral("completion bash")).stdout;
    const words = line.map((word) => `'${word}'`).join(" ");
    const code = `${script}\nCOMP_WORDS=(${words}); COMP_CWORD=${line.length - 1}; _corral; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["--norc", "-c", code], { encoding: "utf8" }).trim().split("\n");
  };

  test("bash completes commands and options", async () => {
    expect(await complete(["corral", "se"])).toEqual(["secret"]);
    expect(await complete(["corral", "secret", "p"])).toEqual(["put"]);
    expect(await complete(["corral", "versions", "secret", "d"])).toEqual(["delete"]);
    expect(await complete(["corral", "secret", "put", "K", "--from-f"])).toEqual(["--from-file"]);
  });

  test.each(["zsh", "fish"])("the script for %s is one that it can read", async (shell) => {
    const script = (await corral(`completion ${shell}`)).stdout;
    expect(script).toContain("secret");
    const checked = spawnSync(shell, ["-n", join(emptyDirectory({ script }), "script")], { encoding: "utf8" });
    // Where the shell is not installed there is nothing to ask it.
    expect(checked.error === undefined ? checked.status : 0).toBe(0);
  });

  test("another shell is refused", async () => {
    expect(await corral("completion canary")).toMatchObject({
      code: 2,
      stderr: expect.not.stringContaining("canary") as unknown,
    });
  });
});

describe("types", () => {
  test("names from the config and the server, optional where an environment lacks one", async () => {
    cwd = emptyDirectory({
      "wrangler.toml":
        'name = "w"\nmain = "i.ts"\n[vars]\nMODE = "canary"\n[secrets]\nrequired = ["NEEDED"]\n[env.production]\nvars = { MODE = "p", DEPTH = { a = [1], "b-c" = true } }\n[env.production.secrets]\nrequired = ["NEEDED"]\n',
    });
    fake.worker("w", { API_KEY: "1", "odd name": "2" });
    fake.worker("w-production", { API_KEY: "1" });
    expect(await corral("types")).toMatchObject({ code: 0, stdout: "Wrote worker-configuration.d.ts.\n" });
    const written = readFileSync(join(cwd, "worker-configuration.d.ts"), "utf8");
    expect(written).toBe(`// Written by corral types. Do not edit.
declare namespace Cloudflare {
  interface Env {
    API_KEY: string;
    DEPTH?: { a: readonly (number)[]; "b-c": boolean };
    MODE: string;
    NEEDED: string;
    "odd name"?: string;
  }
}
interface Env extends Cloudflare.Env {}
declare namespace NodeJS {
  interface ProcessEnv {
    API_KEY: string;
    MODE: string;
    NEEDED: string;
    "odd name"?: string;
  }
}
`);
    expect(await corral("types --check")).toMatchObject({ code: 0 });
    await corral("secret put NEW_KEY", { stdin: "value-of-it" });
    expect(await corral("types --check")).toMatchObject({
      code: 1,
      stderr: "error: worker-configuration.d.ts is not up to date.\nhint: corral types\n",
    });
  });

  test("a file of somebody else's is not overwritten, and --offline asks nobody", async () => {
    writeFileSync(join(cwd, "worker-configuration.d.ts"), "interface Mine {}");
    expect(await corral("types --offline")).toMatchObject({ code: 2 });
    expect(await runCli(["types", "mine.d.ts", "--offline"], { cwd })).toMatchObject({ code: 0 });
  });
});

test("init adds what is missing to .gitignore, once, and begins a config", async () => {
  cwd = emptyDirectory({ ".gitignore": "dist/\n.env*" });
  expect((await corral("init --name my-worker")).stdout).toBe(
    "Added to .gitignore: !.env.example, .dev.vars*, !.dev.vars.example, secrets.json, .corral/\nWrote wrangler.jsonc.\nWrote src/index.js.\n",
  );
  expect(readFileSync(join(cwd, "src/index.js"), "utf8")).toContain("async fetch(request, env)");
  expect(readFileSync(join(cwd, ".gitignore"), "utf8")).toBe(
    "dist/\n.env*\n# files with secrets\n!.env.example\n.dev.vars*\n!.dev.vars.example\nsecrets.json\n.corral/\n",
  );
  expect((await corral("init")).stdout).toBe(".gitignore has all lines already.\n");
  expect((await corral("init --name other")).stdout).toContain("wrangler.jsonc is there already.\n");
});

test("whoami names the server, the user and the accounts", async () => {
  expect((await corral("whoami")).stdout).toBe(
    `Server:   ${fake.url}\nUser:     dev@example.com\nAccount:  ${fake.account}  Fake  (used)\n`,
  );
  expect(JSON.parse((await corral("whoami --json")).stdout)).toEqual({
    server: fake.url,
    email: "dev@example.com",
    accounts: [{ id: fake.account, name: "Fake" }],
    account: fake.account,
  });
});

test("status shows what is live, what waits, and what that means for secrets", async () => {
  const worker = fake.worker("w", { API_KEY: "1" });
  const live = worker.newest?.id;
  const draft = worker.version(new Map()).id;
  const ended = await corral("status");
  expect(ended.stdout).toContain(`Live:     (100%) ${live}  uploaded `);
  expect(ended.stdout).toContain("          secrets: API_KEY\n");
  expect(ended.stdout).toContain(`Draft:    ${draft}  uploaded `);
  expect(ended.stderr).toContain(`corral versions deploy ${draft}@100%`);
  expect(JSON.parse((await corral("status --json")).stdout)).toMatchObject({
    worker: "w",
    live: [{ version_id: live, percentage: 100, secrets: ["API_KEY"] }],
    drafts: [{ version_id: draft, secrets: [] }],
  });
});

test("lists of Workers, versions and deployments, and one version", async () => {
  const worker = fake.worker("w", { API_KEY: "canary" }, [{ name: "MODE", type: "plain_text", text: "t" }]);
  const id = worker.newest?.id ?? "";
  expect((await corral("list")).stdout).toBe("w  2026-01-01T00:00:00Z\n");
  expect((await corral("versions list")).stdout).toContain(`Version ID:  ${id}\n`);
  expect((await corral("deployments list")).stdout).toContain(`Version:  (100%) ${id}\n`);
  expect((await corral("deployments status")).stdout).toContain(`Version:  (100%) ${id}\n`);
  const view = await corral(`versions view ${id.slice(0, 8)}`);
  expect(view.stdout).toContain("\nSecrets:\nSecret Name: API_KEY\n\nBindings:\nMODE (plain_text)\n");
  for (const line of [
    "list --json",
    "versions list --json",
    "deployments list --json",
    "deployments status --json",
    `versions view ${id} --json`,
  ]) {
    // oxlint-disable-next-line no-await-in-loop -- few, and in order
    const ended = await corral(line);
    expect(JSON.parse(ended.stdout)).toBeTruthy();
    expect(ended.screen).not.toContain("canary");
  }
});

test("delete asks, needs --yes in scripts, and says what is gone", async () => {
  fake.worker("w");
  expect(await corral("delete")).toMatchObject({ code: 2 });
  expect(await corral("delete", { typed: ["\n"] })).toMatchObject({
    code: 3,
    screen: expect.stringContaining("Nothing was deleted.") as unknown,
  });
  expect(fake.workers.has("w")).toBe(true);
  expect(await corral("delete --yes")).toMatchObject({ code: 0, stdout: '✨ Success! Deleted Worker "w".\n' });
  expect(await corral("delete --yes")).toMatchObject({ code: 1 });
});

test("secret destroy says where it cannot be had", async () => {
  fake.worker("w", { API_KEY: "1" });
  expect(await corral("secret destroy API_KEY --yes")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("error: This server cannot destroy values") as unknown,
  });
});
