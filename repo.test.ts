/** House rules that a search of the repository can hold. Each list is short on purpose: a new entry needs its reason. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = import.meta.dirname;

function files(pattern: RegExp): string[] {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" }).split("\n");
  return listed.filter((path) => pattern.test(path) && existsSync(join(root, path)));
}

const text = (path: string) => readFileSync(join(root, path), "utf8");
/** What ships: no tests, no test kit. */
const production = () => files(/^packages\/.*\.ts$/).filter((path) => !/\.(test|long)\.ts$|^packages\/testkit\//.test(path));
const withoutComments = (code: string) => code.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$|\s\/\/ .*$/gm, "");

function filesWith(pattern: RegExp): string[] {
  return production().filter((path) => pattern.test(withoutComments(text(path))));
}

/** Why each of these may parse JSON bare: its input is our own, or it is the safe wrapper itself. */
const BARE_JSON: ReadonlySet<string> = new Set([
  "packages/base/src/json.ts", // the wrapper
  "packages/base/src/json-scan.ts", // unescapes a key that it has already found to be a valid string
]);

test("JSON.parse and .json() stand only where their error texts cannot quote foreign input", () => {
  const found = filesWith(/\bJSON\.parse\(|\.json\(\)/).filter((path) => !path.endsWith(".worker.ts"));
  expect(found.filter((path) => !BARE_JSON.has(path))).toEqual([]);
});

/** The audit list of every place that takes a value out of its wrapper. */
const REVEALS: ReadonlySet<string> = new Set(["packages/base/src/redacted.ts", "packages/redaction/src/needles.ts"]);

test("a value is revealed only in the files of the audit list", () => {
  const found = filesWith(/\breveal\(/);
  expect(found.filter((path) => !REVEALS.has(path) && !/^packages\/(keyring|dataplane|cli)\//.test(path))).toEqual([]);
});

test("no test is skipped, focused or left to do without a condition", () => {
  const found = files(/\.(test|long)\.ts$/).filter((path) => /\b(it|test|describe)\.(only|skip|todo)\(/.test(text(path)));
  expect(found.filter((path) => path !== "repo.test.ts")).toEqual([]);
});

test("production code holds no note of work left undone", () => {
  expect(filesWith(/\bTODO\b|\bFIXME\b|\bXXX\b|not implemented/i)).toEqual([]);
});

test("every relative link in a document leads somewhere", () => {
  const broken: string[] = [];
  for (const path of files(/\.md$/)) {
    for (const [, target = ""] of text(path).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:|^#/.test(target)) continue;
      if (!existsSync(join(root, dirname(path), target.replace(/#.*$/, "")))) broken.push(`${path}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
});

test("every file that a document names in code marks exists", () => {
  const broken: string[] = [];
  for (const path of files(/^(README|ARCHITECTURE|CONTRIBUTING|SECURITY)\.md$|^docs\/.*\.md$/)) {
    for (const [, target = ""] of text(path).matchAll(/`((?:packages|docs|examples|tools|conformance|bench)\/[\w./-]+)`/g)) {
      if (!existsSync(join(root, target))) broken.push(`${path}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
});

test("the README stays under 200 lines", () => {
  expect(text("README.md").split("\n").length).toBeLessThan(200);
});

test("every run-time dependency has its line in docs/dependencies.md", () => {
  const documented = text("docs/dependencies.md");
  const missing: string[] = [];
  for (const path of files(/^packages\/[^/]+\/package\.json$/)) {
    const { dependencies = {} } = JSON.parse(text(path)) as { dependencies?: Record<string, string> };
    for (const name of Object.keys(dependencies)) {
      if (!name.startsWith("@corral/") && !documented.includes(`\`${name}\``)) missing.push(`${path}: ${name}`);
    }
  }
  expect(missing).toEqual([]);
});

test("every version of a dependency is exact", () => {
  const loose: string[] = [];
  for (const path of files(/(^|\/)package\.json$/)) {
    const file = JSON.parse(text(path)) as Record<string, Record<string, string> | undefined>;
    for (const kind of ["dependencies", "devDependencies", "optionalDependencies"]) {
      for (const [name, version] of Object.entries(file[kind] ?? {})) {
        if (!name.startsWith("@corral/") && !/^(npm:[@\w/-]+@)?\d+\.\d+\.\d+$/.test(version))
          loose.push(`${path}: ${name} ${version}`);
      }
    }
  }
  expect(loose).toEqual([]);
});
