/** All of Corral, ended at named points: by a server that dies with its children, and by an agent that dies alone. */
import { rmSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { type RunningCorral, startCorral, sweep, temporaryDirectory } from "@corral/testkit";
import { afterAll, expect, test } from "vitest";
import { databaseFaults } from "../support/database.ts";
import { digests, eventually, see } from "../support/probe.ts";
import { placesOf } from "../support/values.ts";
import { putWorker } from "../support/wire.ts";
import { Ledger } from "./ledger.ts";
import { readStored } from "./stored.ts";

const dataDirectory = temporaryDirectory("tree");
const ledgers = [new Ledger("tree-a"), new Ledger("tree-b")];
let known = false;

afterAll(() => rmSync(dataDirectory, { recursive: true }));

async function startWith(fault: string): Promise<RunningCorral> {
  const corral = await startCorral({ dataDirectory, env: { CORRAL_TEST_FAULTS: "1", CORRAL_FAULT: fault } });
  if (!known) for (const { worker } of ledgers) await putWorker(corral, worker);
  known = true;
  return corral;
}

/** What the dead left is whole, and what starts on it serves it. */
async function expectWhole(): Promise<void> {
  expect(databaseFaults(dataDirectory)).toEqual([]);
  const stored = await readStored(dataDirectory);
  expect(ledgers.flatMap((ledger) => ledger.settle(stored.get(ledger.worker) ?? new Map()))).toEqual([]);
  const corral = await startCorral({ dataDirectory });
  await expectServed(corral);
  const canaries = ledgers.flatMap((ledger) => ledger.canaries());
  expect(sweep(canaries, placesOf(corral))).toEqual([]);
  await corral.stop();
}

async function expectServed(corral: RunningCorral): Promise<void> {
  for (const { worker, certain } of ledgers) {
    const wanted = digests(Object.fromEntries(certain));
    await eventually(
      () => see(corral, worker),
      ({ env }) => isDeepStrictEqual({ ...env }, wanted),
    );
  }
}

test.each(["commit.before:21", "commit.after:21"])(
  "a server that dies at %s leaves what it acknowledged, and the next one serves it",
  async (fault) => {
    const corral = await startWith(fault);
    await Promise.all(ledgers.map((ledger) => ledger.write(corral, () => undefined)));
    expect((await corral.ended).signal).toBe("SIGKILL");
    await expectWhole();
  },
);

test.each(["version.load:7", "routes.commit:9"])("all of it killed while its agent dies at %s loses nothing", async (fault) => {
  const corral = await startWith(fault);
  let died = false;
  const writers = Promise.all(
    ledgers.map((ledger) =>
      ledger.write(corral, () => {
        if (died || !corral.logs().includes("agent.restarting")) return;
        died = true;
        void corral.kill();
      }),
    ),
  );
  await writers;
  await corral.ended;
  expect(died).toBe(true);
  await expectWhole();
});

test.each(["version.load:7", "routes.commit:9"])(
  "an agent that dies at %s is back by itself and serves the newest values",
  async (fault) => {
    const corral = await startWith(fault);
    const stop = new AbortController();
    const writers = ledgers.map((ledger) =>
      ledger.write(corral, () => void (corral.logs().includes("agent.restarting") && stop.abort()), stop.signal),
    );
    await Promise.all(writers);
    expect(corral.logs()).toContain("agent.restarting");
    await expectServed(corral);
    await corral.stop();
    expect(databaseFaults(dataDirectory)).toEqual([]);
  },
);
