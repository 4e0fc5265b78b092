/** kill -9 of everything at once, in the middle of a stream of puts: what was acknowledged is there, all else is whole or absent. */
import { randomInt } from "node:crypto";
import { rmSync } from "node:fs";
import { type Canary, randomWord, type RunningCorral, startCorral, sweep, temporaryDirectory } from "@corral/testkit";
import { expect, test } from "vitest";
import { databaseFaults } from "./support/database.ts";
import { digest, see } from "./support/probe.ts";
import { placesOf } from "./support/values.ts";
import { listSecrets, putWorker } from "./support/wire.ts";

const ROUNDS = 20;
const WORKERS = ["crash-a", "crash-b", "crash-c", "crash-d"];
const NAMES_PER_WORKER = 40;
/** Every value that was ever put, for the sweep at the end. */
const sent: Canary[] = [];

/** What one writer knows of its Worker. */
interface Ledger {
  readonly worker: string;
  readonly acknowledged: Map<string, string>;
  /** Sent and not answered when the kill came: there or not, but whole. */
  inFlight: { readonly name: string; readonly value: string } | undefined;
}

/** Puts one secret after the other until the connection breaks; each acknowledgement is told. */
async function write(corral: RunningCorral, ledger: Ledger, round: number, onAcknowledged: () => void): Promise<void> {
  for (let count = 0; ; count += 1) {
    const name = `S_${randomInt(NAMES_PER_WORKER)}`;
    const value = randomWord(24);
    sent.push({ name: `${ledger.worker} ${round} ${count} ${name}`, value, cores: [value] });
    ledger.inFlight = { name, value };
    try {
      const { status } = await corral.api("PUT", `/workers/scripts/${ledger.worker}/secrets`, {
        name,
        text: value,
        type: "secret_text",
      });
      if (status !== 200) throw new Error(`a put answered ${status}`);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("a put")) throw error;
      return;
    }
    ledger.acknowledged.set(name, value);
    ledger.inFlight = undefined;
    onAcknowledged();
  }
}

/** Resolves when so many puts were acknowledged and the tree is dead. */
async function writeUntilKilled(corral: RunningCorral, ledgers: readonly Ledger[], round: number): Promise<void> {
  let left = randomInt(8, 60);
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const writers = Promise.all(
    ledgers.map((ledger) =>
      write(corral, ledger, round, () => {
        left -= 1;
        if (left === 0) resolve();
      }),
    ),
  );
  await Promise.race([enough, writers]);
  await corral.kill();
  await writers;
}

/** One line for each secret that is not what it must be. */
async function lost(corral: RunningCorral, { worker, acknowledged, inFlight }: Ledger): Promise<string[]> {
  const allowed = (name: string): string[] => {
    const values = [acknowledged.get(name), inFlight?.name === name ? inFlight.value : undefined];
    return values.filter((value) => value !== undefined).map(digest);
  };
  const seen = await see(corral, worker);
  const faults: string[] = [];
  for (const name of acknowledged.keys()) {
    const shown = seen.env[name];
    if (shown === undefined || !allowed(name).includes(shown)) faults.push(`${worker} ${name}: ${shown ?? "absent"}`);
  }
  for (const name of Object.keys(seen.env)) if (allowed(name).length === 0) faults.push(`${worker} ${name}: nobody put it`);
  if ((await listSecrets(corral, worker)).toSorted().join() !== Object.keys(seen.env).toSorted().join()) {
    faults.push(`${worker}: the list is not what the Worker has`);
  }
  if (inFlight !== undefined && seen.env[inFlight.name] === digest(inFlight.value))
    acknowledged.set(inFlight.name, inFlight.value);
  return faults;
}

test(`after each of ${ROUNDS} kills every acknowledged secret is in its version and opens`, { timeout: 180_000 }, async () => {
  const dataDirectory = temporaryDirectory("data");
  const ledgers = WORKERS.map((worker): Ledger => ({ worker, acknowledged: new Map(), inFlight: undefined }));
  let corral = await startCorral({ dataDirectory });
  for (const worker of WORKERS) await putWorker(corral, worker);
  for (let round = 1; round <= ROUNDS; round += 1) {
    await writeUntilKilled(corral, ledgers, round);
    expect(databaseFaults(dataDirectory), `on the disk after kill ${round}`).toEqual([]);
    corral = await startCorral({ dataDirectory });
    // At once: a Corral that is ready does not go back in time.
    const faults = (await Promise.all(ledgers.map((ledger) => lost(corral, ledger)))).flat();
    expect(faults, `after kill ${round}`).toEqual([]);
  }
  expect(ledgers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0)).toBeGreaterThan(WORKERS.length * 20);
  expect((await corral.ask("hello")).status).toBe(200);
  expect(sweep(sent, placesOf(corral))).toEqual([]);
  await corral.stop();
  rmSync(dataDirectory, { recursive: true });
});
