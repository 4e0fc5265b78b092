/** The published package: what is in it, what it loads, and which Nodes run it. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FakeCloudflare } from "./testing/fake-cloudflare.ts";
import { bundleProgram, runProgram } from "./testing/program.ts";
import { emptyDirectory } from "./testing/run-cli.ts";

let fake: FakeCloudflare;
let bundle: string;

beforeAll(async () => {
  fake = await FakeCloudflare.start();
  bundle = bundleProgram();
});
afterAll(async () => fake[Symbol.asyncDispose]());

const alone = ["secret put", "secret bulk", "secret list", "secret delete"].flatMap((words) => [words, `versions ${words}`]);

test("npm packs the starter and the bundles, and nothing else", () => {
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: bundle,
    encoding: "utf8",
    stdio: "pipe",
  });
  const [{ files }] = JSON.parse(packed) as [{ files: { path: string; size: number }[] }];
  const bundles = [...alone.map((words) => words.replaceAll(" ", "-")), "all", "jsonc", "toml"].map((name) => `lib/${name}.cjs`);
  expect(files.map((file) => file.path).toSorted()).toEqual(
    ["LICENSE", "README.md", "bin/corral.cjs", "package.json", ...bundles].toSorted(),
  );
  for (const words of alone) {
    const size = files.find((file) => file.path === `lib/${words.replaceAll(" ", "-")}.cjs`)?.size ?? Infinity;
    expect(size).toBeLessThan(60_000);
  }
});

test("it depends on esbuild alone, and on no Node newer than 20", () => {
  const manifest = JSON.parse(readFileSync(join(bundle, "package.json"), "utf8")) as Record<string, unknown>;
  expect(Object.keys(manifest["dependencies"] as object)).toEqual(["esbuild"]);
  expect(manifest["engines"]).toEqual({ node: ">=20.16" });
  for (const name of readdirSync(join(bundle, "lib"))) {
    const required = [...readFileSync(join(bundle, "lib", name), "utf8").matchAll(/\brequire\("([^"]+)"\)/g)].map(
      ([, module = ""]) => module,
    );
    const foreign = required.filter((module) => !/^(node:|(fs|path|url|tty|crypto|module)$|\.\/)/.test(module));
    expect([name, foreign]).toEqual([name, []]);
  }
});

/** The Nodes of this machine, by version; the one that runs the tests is among them. */
function nodes(): Map<string, string> {
  const found = new Map<string, string>();
  const places = [process.execPath, "/usr/bin/node", "/usr/local/bin/node", "/opt/node/bin/node"];
  for (const path of places) {
    const { status, stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
    const major = Number(/^v(\d+)\./.exec(stdout ?? "")?.[1] ?? 0);
    if (status === 0 && major >= 20) found.set(stdout.trim(), path);
  }
  return found;
}

describe.each([...nodes()])("on Node %s", (_version, node) => {
  test.each(alone.filter((words) => words.endsWith("list")))("%s answers", async (words) => {
    fake.worker("w", { KEY: "1" });
    const ended = await runProgram(bundle, words.split(" "), {
      node,
      cwd: emptyDirectory({ "wrangler.toml": 'name = "w"' }),
      env: fake.env,
    });
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining("Secret Name: KEY\n") as unknown, stderr: "" });
  });

  test("secret put, bulk, deploy and help work", async () => {
    const worker = fake.worker("w");
    const cwd = emptyDirectory({
      "wrangler.jsonc": '{ "name": "w", "main": "i.ts", "compatibility_date": "2026-01-01" } // end',
      "i.ts": "export default {} as object;",
    });
    const run = async (line: string, input = "") =>
      runProgram(bundle, line.split(" "), { node, cwd, env: { ...fake.env, NODE_DISABLE_COMPILE_CACHE: "1" }, input });
    expect(await run("secret put KEY", "value-of-it")).toMatchObject({ code: 0 });
    expect(await run("secret bulk", "OTHER=value-of-other")).toMatchObject({ code: 0 });
    expect(await run("deploy")).toMatchObject({ code: 0 });
    expect([worker.secret("KEY"), worker.secret("OTHER")]).toEqual(["value-of-it", "value-of-other"]);
    expect(await run("secret put --help")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("corral secret put <name>") as unknown,
    });
    expect(await run("secret put KEY more")).toMatchObject({ code: 2 });
  });
});

describe("what a call loads", () => {
  /** Runs with a hook that tells, at the end, the modules of Node that were loaded and the time on the processor. */
  async function observed(args: readonly string[], script?: string): Promise<{ modules: string[]; cpuMs: number }> {
    const folder = emptyDirectory({
      "hook.cjs": `process.on("exit", () => {
        const { user, system } = process.cpuUsage();
        require("node:fs").writeFileSync(process.env.SEEN, JSON.stringify({ modules: process.moduleLoadList, cpuMs: (user + system) / 1000 }));
      });`,
    });
    mkdirSync(join(folder, "bin"));
    const seen = join(folder, "seen");
    const hook = `--require=${join(folder, "hook.cjs")}`;
    const env = { ...fake.env, NODE_OPTIONS: hook, SEEN: seen };
    if (script === undefined) await runProgram(bundle, args, { cwd: folder, env });
    else execFileSync(process.execPath, ["-e", script], { env: { PATH: process.env["PATH"] ?? "", ...env } });
    return JSON.parse(readFileSync(seen, "utf8")) as { modules: string[]; cpuMs: number };
  }

  test.each(["secret list --name w", "secret delete KEY --yes --name w", "versions secret list --name w"])(
    "%s: no HTTP server, TLS, fetch, crypto or promises",
    async (line) => {
      fake.worker("w", { KEY: "1" });
      const { modules } = await observed(line.split(" "));
      const costly = modules.filter((module) =>
        /NativeModule (_?http|https|tls|crypto|internal\/deps\/undici|internal\/crypto|inspector|worker_threads|readline|zlib)/.test(
          module,
        ),
      );
      expect(costly).toEqual([]);
    },
  );

  test("the start takes at most three times the processor time of a Node that does nothing", async () => {
    fake.worker("w", { KEY: "1" });
    const ratios: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      // oxlint-disable-next-line no-await-in-loop -- in turn
      const nothing = await observed([], "0");
      // oxlint-disable-next-line no-await-in-loop -- in turn
      const list = await observed(["secret", "list", "--name", "w"]);
      ratios.push(list.cpuMs / nothing.cpuMs);
    }
    expect(ratios.toSorted((a, b) => a - b)[2]).toBeLessThan(3);
  });
});
