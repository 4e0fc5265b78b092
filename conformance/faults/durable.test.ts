/** The answer of a put leaves after its fsync: seen in the system calls of the process. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startControlPlane, temporaryDirectory } from "@corral/testkit";
import { expect, test } from "vitest";
import { putSecret, putWorker } from "../support/wire.ts";

const PUTS = 40;
const canTrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;

test.skipIf(!canTrace)("an fsync of the WAL lies between a put's bytes and its HTTP answer (needs strace)", async () => {
  const trace = join(temporaryDirectory("trace"), "trace");
  const calls = "trace=pwrite64,write,writev,fsync,fdatasync";
  await using corral = await startControlPlane({ under: ["strace", "-f", "-y", "-s", "16", "-e", calls, "-o", trace] });
  for (const worker of ["traced-a", "traced-b"]) {
    await putWorker(corral, worker);
    await Promise.all(Array.from({ length: PUTS / 2 }, (_, number) => putSecret(corral, worker, `S_${number % 7}`, "value")));
  }
  await corral.stop();

  let unsynced = false;
  let written = 0;
  let answers = 0;
  const early: string[] = [];
  for (const line of readFileSync(trace, "utf8").split("\n")) {
    if (/ pwrite64\(\d+<[^>]*corral\.db-wal>/.test(line)) {
      unsynced = true;
      written += 1;
    } else if (/ f(?:data)?sync\(\d+<[^>]*corral\.db-wal>/.test(line)) unsynced = false;
    else if (/ writev?\(.*"HTTP\/1\.1 200/.test(line)) {
      answers += 1;
      if (unsynced) early.push(line);
    }
  }
  expect(written).toBeGreaterThan(PUTS);
  expect(answers).toBeGreaterThanOrEqual(PUTS);
  expect(early).toEqual([]);
});
