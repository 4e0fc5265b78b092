/**
 * The published command line: CommonJS bundles and a starter, without build steps for whoever installs it.
 *
 * What a process start costs is mostly what it loads. So each much-used command is one file with all it needs and the
 * starter picks it by its words; everything else is one more file; the readers of config formats are loaded when there is
 * such a file. CommonJS, because an ES module is found and linked asynchronously: 6 ms more for the same code.
 *
 * usage: node tools/bundle-cli.ts [folder]      (default: dist/cli; then `npm pack` there)
 */
import { build, type BuildOptions, type Plugin } from "esbuild";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, "packages", "cli", "src");

/** Words → the export and the file of the command; each becomes a bundle of its own. */
const alone = {
  "secret put": ["secretPut", "secret/put"],
  "secret bulk": ["secretBulk", "secret/bulk"],
  "secret list": ["secretList", "secret/list"],
  "secret delete": ["secretDelete", "secret/delete"],
  "versions secret put": ["versionsSecretPut", "versions/secret/put"],
  "versions secret bulk": ["versionsSecretBulk", "versions/secret/bulk"],
  "versions secret list": ["versionsSecretList", "versions/secret/list"],
  "versions secret delete": ["versionsSecretDelete", "versions/secret/delete"],
} as const;

const fileOf = (words: string) => `${words.replaceAll(" ", "-")}.cjs`;

/** The readers of config formats stay files of their own; they share no classes with the rest. */
const formats: Plugin = {
  name: "formats",
  setup(bundler) {
    bundler.onResolve({ filter: /\/(toml|jsonc)\.ts$/ }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path: path.replace(/\.ts$/, ".cjs"), external: true } : undefined,
    );
  },
};

const common = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  minify: true,
  external: ["esbuild"],
  // jsonc-parser's main file loads its parts in a way that no bundler follows.
  mainFields: ["module", "main"],
  // Only asked whether it runs from source.
  define: { "import.meta.url": '"file:///corral.cjs"' },
  plugins: [formats],
  logLevel: "warning",
} satisfies BuildOptions;

function standAlone(words: string, [name, file]: readonly [string, string]): BuildOptions {
  const contents = `import { ${name} } from "./commands/${file}.ts";
import { processIo } from "./io/process-io.ts";
import { runAlone } from "./run-command.ts";
const io = processIo();
void runAlone(${name}, io.argv.slice(${words.split(" ").length}), io).then((code) => { process.exitCode = code; });`;
  return { stdin: { contents, resolveDir: source, loader: "ts" } };
}

function starter(): string {
  return `#!/usr/bin/env node
"use strict";
const words = process.argv.slice(2);
const alone = new Set(${JSON.stringify(Object.keys(alone))});
const found = [3, 2].map((count) => words.slice(0, count).join(" ")).find((one) => alone.has(one));
const helps = words.includes("--help") || words.includes("-h");
if (found !== undefined && !helps) require("../lib/" + found.replaceAll(" ", "-") + ".cjs");
else {
  // Pays for the large file only: the small ones compile as fast as their cache is read.
  require("node:module").enableCompileCache?.();
  require("../lib/all.cjs");
}
`;
}

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** What is installed with it: esbuild, for `corral deploy`; everything else is inside. */
function manifest(): string {
  // The repository's own file.
  const own = JSON.parse(readFileSync(join(root, "packages", "cli", "package.json"), "utf8")) as Manifest;
  return `${JSON.stringify(
    {
      name: "@corral/cli",
      version: own.version,
      description: "The command line of Corral: secrets of Workers on your own machines.",
      license: own.license,
      bin: { corral: "bin/corral.cjs" },
      files: ["bin", "lib"],
      engines: { node: ">=20.16" },
      dependencies: { esbuild: own.dependencies["esbuild"] },
    },
    undefined,
    2,
  )}\n`;
}

export async function bundleCli(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "bin"), { recursive: true });
  const lib = (name: string) => join(folder, "lib", name);
  await Promise.all([
    ...Object.entries(alone).map(([words, command]) =>
      build({ ...common, ...standAlone(words, command), outfile: lib(fileOf(words)) }),
    ),
    build({ ...common, entryPoints: [join(source, "main.ts")], outfile: lib("all.cjs") }),
    build({ ...common, entryPoints: [join(source, "config", "toml.ts")], outfile: lib("toml.cjs") }),
    build({ ...common, entryPoints: [join(source, "config", "jsonc.ts")], outfile: lib("jsonc.cjs") }),
  ]);
  writeFileSync(join(folder, "bin", "corral.cjs"), starter());
  chmodSync(join(folder, "bin", "corral.cjs"), 0o755);
  writeFileSync(join(folder, "package.json"), manifest());
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  copyFileSync(join(root, "packages", "cli", "README.md"), join(folder, "README.md"));
}

if (import.meta.main) await bundleCli(process.argv[2] ?? join(root, "dist", "cli"));
