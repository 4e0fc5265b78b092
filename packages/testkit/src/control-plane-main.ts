/**
 * The control plane without a node: store, keyring, use cases and the API as `corral up` puts them together, in a
 * process that starts in a fraction of the time. Uploads are accepted untried.
 *
 * usage: node control-plane-main.ts DATA [POINT:NTH]
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseFault, systemClock, systemRandom } from "@corral/base";
import { createKeyFile, openFileKek } from "@corral/keyring";
import { createOperatorLog, listenForApi, openControlPlane, removeEndpoints, writeEndpoints } from "@corral/server";

const HOST = "127.0.0.1";
const [dataDirectory = "", fault] = process.argv.slice(2);
const planted = fault === undefined ? undefined : parseFault(fault, () => process.kill(process.pid, "SIGKILL"));
if (fault !== undefined && planted === undefined) throw new Error("not a fault");

const kekFile = join(dataDirectory, "kek");
if (!existsSync(kekFile)) await createKeyFile(kekFile, { random: systemRandom });
const plane = await openControlPlane({
  dataDirectory,
  kek: await openFileKek(kekFile, { random: systemRandom }),
  clock: systemClock,
  random: systemRandom,
  ...(planted !== undefined && { faults: planted }),
});
const log = createOperatorLog((line) => process.stderr.write(`${line}\n`), systemClock.now);
const api = await listenForApi(plane.control, log, HOST, 0);
await writeEndpoints(dataDirectory, {
  apiUrl: `http://${HOST}:${api.port}/client/v4`,
  workersUrl: `http://${HOST}:0/`,
  accountId: plane.accountId,
  tokenFile: plane.tokenFile,
  pid: process.pid,
});

// Its standard input ends with the process that started it, however that ended.
const alone = new Promise<void>((resolve) => process.stdin.resume().once("close", resolve));
await Promise.race([alone, new Promise<void>((resolve) => process.once("SIGTERM", resolve))]);
process.stdin.destroy();
await removeEndpoints(dataDirectory);
await api.close();
await plane.close();
