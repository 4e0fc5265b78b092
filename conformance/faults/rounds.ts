/**
 * Rounds of: start on what the last crash left, write from several sides, die, look. The control plane is alone in its
 * process, so that a round takes a fraction of a second; the whole tree has rounds of its own.
 */
import { randomInt } from "node:crypto";
import { rmSync } from "node:fs";
import { startControlPlane, sweep, temporaryDirectory } from "@corral/testkit";
import { databaseFaults } from "../support/database.ts";
import { putWorker } from "../support/wire.ts";
import { Ledger } from "./ledger.ts";
import { readStored } from "./stored.ts";

/** "random": killed from outside, whatever it is doing. */
const DEATHS = ["random", "secret.sealed", "commit.before", "commit.after"] as const;
const WORKERS = ["fault-a", "fault-b", "fault-c", "fault-d"];
/** The same data is used for so many rounds: a database that has been through several crashes. */
const ROUNDS_PER_DATABASE = 10;

export interface RoundsReport {
  readonly rounds: Readonly<Record<(typeof DEATHS)[number], number>>;
  readonly acknowledged: number;
  readonly faults: readonly string[];
}

export async function runRounds(rounds: number): Promise<RoundsReport> {
  const counts = { random: 0, "secret.sealed": 0, "commit.before": 0, "commit.after": 0 };
  const faults: string[] = [];
  let acknowledged = 0;
  for (let done = 0; done < rounds; done += ROUNDS_PER_DATABASE) {
    const dataDirectory = temporaryDirectory("faults");
    const ledgers = WORKERS.map((worker) => new Ledger(worker));
    await createWorkers(dataDirectory);
    for (let round = done; round < Math.min(rounds, done + ROUNDS_PER_DATABASE); round += 1) {
      const death = DEATHS[round % DEATHS.length] ?? "random";
      counts[death] += 1;
      const found = await crashAndLook(dataDirectory, ledgers, death);
      faults.push(...found.map((fault) => `round ${round + 1}, ${death}: ${fault}`));
    }
    const canaries = ledgers.flatMap((ledger) => ledger.canaries());
    faults.push(
      ...sweep(canaries, [{ directory: dataDirectory }]).map(({ place, form }) => `a value lies in ${place} (${form})`),
    );
    acknowledged += ledgers.reduce((sum, ledger) => sum + ledger.acknowledgements, 0);
    rmSync(dataDirectory, { recursive: true });
  }
  return { rounds: counts, acknowledged, faults };
}

async function createWorkers(dataDirectory: string): Promise<void> {
  const corral = await startControlPlane({ dataDirectory });
  for (const worker of WORKERS) await putWorker(corral, worker);
  await corral.stop();
}

async function crashAndLook(
  dataDirectory: string,
  ledgers: readonly Ledger[],
  death: (typeof DEATHS)[number],
): Promise<string[]> {
  const nth = randomInt(1, 60);
  const corral = await startControlPlane({ dataDirectory, ...(death !== "random" && { fault: `${death}:${nth}` }) });
  let left = nth;
  const writers = ledgers.map((ledger) =>
    ledger.write(corral, () => {
      left -= 1;
      if (left === 0 && death === "random") void corral.kill();
    }),
  );
  await Promise.all(writers);
  const { signal } = await corral.ended;
  const faults = signal === "SIGKILL" ? [] : [`it ended by ${signal ?? "itself"}:\n${corral.logs()}`];
  faults.push(...databaseFaults(dataDirectory));
  const stored = await readStored(dataDirectory);
  for (const ledger of ledgers) faults.push(...ledger.settle(stored.get(ledger.worker) ?? new Map()));
  return faults;
}
