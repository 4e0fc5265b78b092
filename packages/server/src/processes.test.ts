import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openProcessRecords } from "./processes.ts";

let data = "";
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "processes-"));
});
afterEach(async () => {
  await rm(data, { recursive: true });
});

/** A process that lives until its input ends. */
function startChild() {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
  return { child, pid: child.pid ?? 0, gone: once(child, "exit") };
}

describe.runIf(existsSync("/proc/self/stat"))("where the kernel tells a process's start time", () => {
  test("a child that outlived its run is ended by the next one", async () => {
    const { child, pid, gone } = startChild();
    await openProcessRecords(data).add("agent", pid);
    expect(await openProcessRecords(data).endOrphans()).toBe(1);
    await gone;
    expect(child.signalCode).toBe("SIGKILL");
  });

  test("a process that has got a recorded pid since is left alone", async () => {
    const { child, pid, gone } = startChild();
    await openProcessRecords(data).add("agent", pid);
    const file = join(data, "processes.json");
    await writeFile(file, (await readFile(file, "utf8")).replace(/"startTicks":"\d+"/, '"startTicks":"1"'));
    expect(await openProcessRecords(data).endOrphans()).toBe(0);
    expect(child.exitCode).toBeNull();
    child.stdin.end();
    await gone;
  });

  test("a clean stop leaves no records", async () => {
    const records = openProcessRecords(data);
    await records.add("agent", process.pid);
    await records.clear();
    expect(await openProcessRecords(data).endOrphans()).toBe(0);
  });
});

test("a damaged or hostile file of records kills nobody", async () => {
  for (const text of [
    "",
    "{",
    "[1,null,{}]",
    '[{"pid":0,"startTicks":"1"}]',
    '[{"pid":-1,"startTicks":"1"}]',
    '{"__proto__":1}',
  ]) {
    await writeFile(join(data, "processes.json"), text);
    expect(await openProcessRecords(data).endOrphans()).toBe(0);
  }
});
