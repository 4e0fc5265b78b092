import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emptyDirectory } from "../testing/run-cli.ts";
import { isTracked } from "./git-index.ts";

/** No configuration but its own. */
const env = {
  PATH: process.env["PATH"] ?? "",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  HOME: "/nonexistent",
};

function repository(...config: readonly string[]): string {
  const files = {
    "secrets.json": "{}",
    "a/secrets.json": "{}",
    "a/b/names with ü.env": "A=1",
    "a/b/other.env": "A=1",
    untracked: "",
  };
  const folder = emptyDirectory(files);
  const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: folder, env, stdio: "pipe" });
  git("init", "-q", ...config);
  return folder;
}

function track(folder: string, version: string): void {
  const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: folder, env, stdio: "pipe" });
  git("add", "a");
  git("add", "--intent-to-add", "secrets.json");
  git("update-index", `--index-version=${version}`);
}

test.each(["2", "3", "4"])("an index of version %s tells what git tracks", (version) => {
  const folder = repository();
  track(folder, version);
  for (const path of ["secrets.json", "a/secrets.json", "a/b/names with ü.env", "a/b/other.env"]) {
    expect([path, isTracked(join(folder, path))]).toEqual([path, true]);
  }
  expect(isTracked(join(folder, "untracked"))).toBe(false);
});

test("a repository with SHA-256 names is read too", () => {
  const folder = repository("--object-format=sha256");
  track(folder, "2");
  expect(isTracked(join(folder, "a/b/other.env"))).toBe(true);
  expect(isTracked(join(folder, "untracked"))).toBe(false);
});

test("without a repository, or without an index, nothing is tracked", () => {
  expect(isTracked(join(emptyDirectory({ file: "" }), "file"))).toBe(false);
  expect(isTracked(join(repository(), "untracked"))).toBe(false);
});
