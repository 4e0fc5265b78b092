import { lstat, mkdtemp, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRunDirectory } from "./run-directory.ts";

let base = "";
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "run-"));
});
afterEach(async () => {
  await rm(base, { recursive: true });
});

test("a short data directory has its sockets beside it, in a directory of mode 0700", async () => {
  const run = await openRunDirectory(base);
  expect(run.path).toBe(join(base, "run"));
  expect((await lstat(run.path)).mode & 0o777).toBe(0o700);
});

test("what an earlier run left is removed before and after", async () => {
  await mkdir(join(base, "run"));
  await writeFile(join(base, "run", "feed.sock"), "");
  const run = await openRunDirectory(base);
  expect(await readdir(run.path)).toEqual([]);
  await writeFile(join(run.path, "agent.sock"), "");
  await run.remove();
  expect(await readdir(base)).toEqual([]);
});

test("a long data directory has its sockets in a short one, the same at every start", async () => {
  const long = join(base, "d".repeat(120));
  await mkdir(long);
  const first = await openRunDirectory(long, base);
  const second = await openRunDirectory(long, base);
  expect(second.path).toBe(first.path);
  expect(Buffer.byteLength(first.path) + 32).toBeLessThanOrEqual(104);
  expect((await lstat(first.path)).mode & 0o777).toBe(0o700);
  await first.remove();
  expect(await readdir(base)).toEqual(["d".repeat(120)]);
});

test("a link in the place of the directory is refused, and what it points at is left alone", async () => {
  const elsewhere = join(base, "elsewhere");
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, "precious"), "");
  await symlink(elsewhere, join(base, "run"));
  await expect(openRunDirectory(base)).rejects.toThrow("belongs to somebody else");
  expect(await readdir(elsewhere)).toEqual(["precious"]);
});
