/** A disk that is full: changes are refused clearly, all else goes on, and changes resume by themselves. */
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { startCorral, temporaryDirectory } from "@corral/testkit";
import { afterAll, expect, test } from "vitest";
import { databaseFaults } from "../support/database.ts";
import { digest, eventually, see } from "../support/probe.ts";
import { secretValue, sweepValues } from "../support/values.ts";
import { listSecrets, listVersions, putSecret, putWorker } from "../support/wire.ts";

const disk = temporaryDirectory("full");
const canMount = spawnSync("/bin/mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", disk]).status === 0;

afterAll(() => {
  if (canMount) spawnSync("/bin/umount", [disk]);
});

/** Takes every byte that is left. */
function fill(path: string): void {
  const file = openSync(path, "w");
  for (let size = 65_536; size >= 1;) {
    try {
      writeSync(file, Buffer.alloc(size, 1));
    } catch {
      size = Math.floor(size / 16);
    }
  }
  closeSync(file);
}

test.skipIf(!canMount)("on a full disk puts are refused with 507, reads and traffic go on (needs mount)", async () => {
  const ballast = join(disk, "ballast");
  const dataDirectory = join(disk, "data");
  mkdirSync(dataDirectory);
  await using corral = await startCorral({ dataDirectory });
  await putWorker(corral, "full");
  await putSecret(corral, "full", "KEPT", secretValue("kept"));
  await eventually(
    () => see(corral, "full"),
    ({ env }) => env["KEPT"] === digest(secretValue("kept")),
  );

  fill(ballast);
  const put = (count: number) =>
    corral.api("PUT", "/workers/scripts/full/secrets", {
      name: "TRIED",
      text: secretValue(`tried-${count}`),
      type: "secret_text",
    });
  let accepted = 0;
  let refusal = await put(accepted);
  // The WAL may have room left inside the pages that it has already.
  while (refusal.status === 200 && accepted < 500) refusal = await put((accepted += 1));
  expect(refusal).toMatchObject({ status: 507, body: { success: false, errors: [{ code: 10013 }] } });
  expect(refusal.body?.errors[0]?.message).toBe("The disk is full: nothing was changed.");
  expect((await put(accepted + 1)).status).toBe(507);

  const versions = await listVersions(corral, "full");
  expect(await listSecrets(corral, "full")).toContain("KEPT");
  expect((await see(corral, "full")).env["KEPT"]).toBe(digest(secretValue("kept")));
  expect((await corral.ask("hello")).status).toBe(200);

  rmSync(ballast);
  await putSecret(corral, "full", "AFTER", secretValue("after"));
  expect(await listVersions(corral, "full")).toHaveLength(Math.min(versions.length + 1, 100));
  await eventually(
    () => see(corral, "full"),
    ({ env }) => env["AFTER"] === digest(secretValue("after")) && env["KEPT"] === digest(secretValue("kept")),
  );
  expect(databaseFaults(corral.dataDirectory)).toEqual([]);
  expect(sweepValues(corral)).toEqual([]);
});
