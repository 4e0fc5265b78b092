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
/** What ships: no tests, nor what only tests use. */
const TESTING =
  /\.(test|long)\.ts$|^packages\/testkit\/|\/testing\/|\/test-world\.ts$|^packages\/storage\/src\/contract\/|^packages\/control\/src\/(stories|model)\//;
const production = () => files(/^packages\/.*\.ts$/).filter((path) => !TESTING.test(path));
const withoutComments = (code: string) => code.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$|\s\/\/ .*$/gm, "");

function filesWith(pattern: RegExp): string[] {
  return production().filter((path) => pattern.test(withoutComments(text(path))));
}

/** Why each of these may parse JSON bare. `exchange.json()` is the api's own reader, which does not quote. */
const BARE_JSON: ReadonlySet<string> = new Set([
  "packages/base/src/json.ts", // the safe reader itself
  "packages/base/src/json-scan.ts", // a string literal that the scanner has found to be whole
  "packages/cli/src/client/answer-json.ts", // drops the error with its text
  "packages/dataplane/src/loader/shim.ts", // source text that runs in the Worker's own isolate
]);

test("JSON.parse and .json() stand only where their error texts cannot quote foreign input", () => {
  const found = filesWith(/\bJSON\.parse\(|(?<!\bexchange)\.json\(\)/).filter((path) => !path.endsWith(".worker.ts"));
  expect(found.filter((path) => !BARE_JSON.has(path))).toEqual([]);
});

/** The audit list: every file that takes a value or a token out of its wrapper, and for what. */
const REVEALS: ReadonlySet<string> = new Set([
  "packages/base/src/redacted.ts", // the wrapper
  "packages/redaction/src/needles.ts", // what to look for in logs
  "packages/control/src/rules/binding-inputs.ts", // sizes and forms of what came in
  "packages/control/src/tokens/tokens.ts", // the MAC of a token
  "packages/api/src/routes/corral.ts", // the one answer that shows a new token
  "packages/server/src/control-plane.ts", // the token file
]);
/** keyring seals and opens, dataplane fills an isolate's env, cli sends what the person typed. */
const REVEALING_ROOMS = /^packages\/(keyring|dataplane|cli)\//;

test("a value is revealed only in the files of the audit list", () => {
  const found = filesWith(/\breveal\(/);
  expect(found.filter((path) => !REVEALS.has(path) && !REVEALING_ROOMS.test(path))).toEqual([]);
});

test("no test is skipped, focused or left to do without a condition", () => {
  const found = files(/\.(test|long)\.ts$/).filter((path) => /\b(it|test|describe)\.(only|skip|todo)\(/.test(text(path)));
  expect(found.filter((path) => path !== "repo.test.ts")).toEqual([]);
});

test("production code holds no note of work left undone", () => {
  expect(filesWith(/\bTODO\b|\bFIXME\b|\bXXX\b|[Nn]ot implemented/)).toEqual([]);
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
