/** What a put and a deployment cost among ten thousand Workers, and what a version costs that is not in memory. */
import { join } from "node:path";
import { isSecret, type Sealed, systemClock, systemRandom } from "@corral/base";
import { createAuthenticator, createOpener, openFileKek } from "@corral/keyring";
import { type ControlPlane, openControlPlane } from "@corral/server";
import { type RunningCorral, startControlPlane } from "@corral/testkit";
import { upload } from "./api.ts";
import { atMost, type Bench, type Row } from "./rows.ts";
import { median, medianRatio, ROUNDS, takeTurns } from "./rounds.ts";

const [FEW, MANY] = [10, 10_000] as const;
const CALLS_PER_ROUND = 60;
const LOADS_PER_ROUND = 60;

export const scale: Bench = {
  name: "scale",
  async run(): Promise<readonly Row[]> {
    await using few = await startControlPlane();
    await using many = await startControlPlane();
    const fewVersions = await createWorkers(few, FEW);
    const manyVersions = await createWorkers(many, MANY);
    const puts = await takeTurns({ few: () => timeOf(() => put(few, FEW)), many: () => timeOf(() => put(many, MANY)) });
    const deployments = await takeTurns({
      few: () => timeOf(() => deploy(few, fewVersions)),
      many: () => timeOf(() => deploy(many, manyVersions)),
    });
    const note = "p50 of one client, Workers at random; the control plane alone";
    const row = { unit: "x", goal: atMost(1.2), rounds: ROUNDS, note } as const;
    return [
      { ...row, name: "a put among 10,000 Workers / among 10", value: medianRatio(puts.many, puts.few) },
      { ...row, name: "a deployment among 10,000 Workers / among 10", value: medianRatio(deployments.many, deployments.few) },
      ...(await coldLoads()),
    ];
  },
};

/** Answers the last version of some of them, which are deployed again and again. */
async function createWorkers(corral: RunningCorral, count: number): Promise<ReadonlyMap<string, string>> {
  for (let from = 0; from < count; from += 16) {
    await Promise.all(Array.from({ length: Math.min(16, count - from) }, (_, n) => upload(corral, `w-${from + n}`)));
  }
  const versions = new Map<string, string>();
  for (let at = 0; at < FEW; at += 1) {
    const worker = `w-${Math.floor((at * count) / FEW)}`;
    const { items } = await corral.must<{ items: { id: string }[] }>("GET", `/workers/scripts/${worker}/versions`);
    versions.set(worker, items[0]?.id ?? "");
  }
  return versions;
}

/** Median milliseconds of a call. */
async function timeOf(call: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < CALLS_PER_ROUND; at += 1) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  return median(times);
}

function put(corral: RunningCorral, workers: number): Promise<unknown> {
  const worker = `w-${Math.floor(Math.random() * workers)}`;
  return corral.must("PUT", `/workers/scripts/${worker}/secrets`, { name: "API_KEY", text: "v".repeat(64), type: "secret_text" });
}

function deploy(corral: RunningCorral, versions: ReadonlyMap<string, string>): Promise<unknown> {
  const [worker = "", version_id = ""] = [...versions][Math.floor(Math.random() * versions.size)] ?? [];
  const body = { strategy: "percentage", versions: [{ version_id, percentage: 100 }] };
  return corral.must("POST", `/workers/scripts/${worker}/deployments?force=true`, body);
}

async function coldLoads(): Promise<readonly Row[]> {
  const corral = await startControlPlane();
  for (const count of [10, 100]) {
    const names = Array.from({ length: count }, (_, n) => `SECRET_${n}`);
    const secrets = Object.fromEntries(names.map((name) => [name, { name, text: "v".repeat(64), type: "secret_text" }]));
    await upload(corral, `cold-${count}`);
    await corral.must("PATCH", `/workers/scripts/cold-${count}/secrets-bulk`, { secrets });
  }
  await corral.stop();
  const { dataDirectory } = corral;
  const kek = await openFileKek(join(dataDirectory, "kek"), { random: systemRandom });
  const plane = await openControlPlane({ dataDirectory, kek, clock: systemClock, random: systemRandom });
  const results = await takeTurns({ ten: () => loadTime(plane, "cold-10"), hundred: () => loadTime(plane, "cold-100") });
  await plane.close();
  const note = "read from the database, both MACs checked, every record opened by keys that were just released";
  return [
    { name: "load of a version of 10 secrets", value: median(results.ten), unit: "ms", rounds: ROUNDS, note },
    { name: "load of a version of 100 secrets", value: median(results.hundred), unit: "ms", rounds: ROUNDS },
  ];
}

/** Median milliseconds from the feed's read to the last opened value. */
async function loadTime(plane: ControlPlane, name: string): Promise<number> {
  const { installId } = await plane.feed.hello();
  const { workerId } = await plane.control.workers.get(plane.self, name);
  const times: number[] = [];
  for (let at = 0; at < LOADS_PER_ROUND; at += 1) {
    const start = performance.now();
    const worker = await plane.feed.worker(workerId);
    if (worker === undefined) throw new Error("the Worker is gone");
    const { head, headMac, accountId, keys, versions } = worker;
    const manifestKey = bytes(keys.manifestKey);
    const authenticator = createAuthenticator(installId, workerId, manifestKey);
    authenticator.verifyHead(head, bytes(headMac));
    const dataKeys = keys.dataKeys.map(({ keyId, key }) => ({ keyId, key: bytes(key) }));
    const opener = createOpener(installId, accountId, workerId, { manifestKey, dataKeys });
    for (const { versionId, manifest, mac, records } of versions) {
      const { bindings } = authenticator.openManifest(workerId, versionId, bytes(manifest), bytes(mac));
      if (bindings.filter(isSecret).length !== records.length) throw new Error("a record is missing");
      for (const { recordId, dataKeyId, type, sealed } of records) {
        opener.open({ accountId, workerId, recordId, dataKeyId, type }, bytes(sealed) as Sealed);
      }
    }
    times.push(performance.now() - start);
  }
  return median(times);
}

function bytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}
