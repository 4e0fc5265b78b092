import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isCorralError } from "@corral/base";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockDataDirectory } from "./lock.ts";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "corral-lock-"));
  path = join(directory, "lock");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function failure(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

async function startHolder() {
  const url = pathToFileURL(join(import.meta.dirname, "lock.ts")).href;
  const script = `import { lockDataDirectory } from ${JSON.stringify(url)};
    lockDataDirectory(process.argv[1]);
    process.stdout.write("held");
    process.stdin.resume();`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, path], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

test("a second lock of one directory is refused until the first is released", () => {
  const lock = lockDataDirectory(path);
  expect(
    isCorralError(
      failure(() => lockDataDirectory(path)),
      "data.locked",
    ),
  ).toBe(true);
  lock.release();
  lockDataDirectory(path).release();
});

test("another process that holds the lock keeps this one out; killed, it does not", async () => {
  const child = await startHolder();
  expect(
    isCorralError(
      failure(() => lockDataDirectory(path)),
      "data.locked",
    ),
  ).toBe(true);
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
  lockDataDirectory(path).release();
});

test("a directory that is not there is another failure", () => {
  expect(
    isCorralError(
      failure(() => lockDataDirectory(join(directory, "missing", "lock"))),
      "storage.failed",
    ),
  ).toBe(true);
});
