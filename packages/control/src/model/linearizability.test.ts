import { assert, asyncProperty, integer } from "fast-check";
import { isSecret, type Uuid } from "@corral/base";
import { createOpener } from "@corral/keyring";
import { describe, expect, it } from "vitest";
import { openWorld, secret, upload, type World } from "../test-world.ts";
import type { Control, WorkerView } from "../types.ts";
import { type Call, type Ended, isLinearizable } from "./history-checker.ts";

const CODE = "export default { fetch: () => new Response('hi') }";
const NAMES = ["A", "B", "C"];
const CLIENTS = 5;
const CALLS_EACH = 6;
/** Rounds of each test; the long run has more. */
const ROUNDS = process.env["CORRAL_TEST_LONG"] === "1" ? 300 : 12;

/** Small and seeded, so that a failing round can be repeated. */
function dice(seed: number): (sides: number) => number {
  let state = seed >>> 0 || 1;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

type Invoke = (control: Control, roll: (sides: number) => number, tag: string) => Promise<Call>;

/** One call of a random kind, with its answer. */
function callsOn(world: World, worker: string): Invoke {
  const { caller } = world;
  return async (control, roll, tag) => {
    const name = NAMES[roll(NAMES.length)] ?? "A";
    switch (roll(6)) {
      case 0:
      case 1:
        await control.secrets.put(caller, worker, secret(name, tag));
        return { kind: "put", name, value: tag };
      case 2:
        return control.secrets.remove(caller, worker, name).then(
          () => ({ kind: "delete", name, found: true }) as const,
          () => ({ kind: "delete", name, found: false }) as const,
        );
      case 3: {
        const changes = new Map(NAMES.map((each) => [each, roll(2) === 0 ? null : `${tag} ${each}`]));
        const inputs = [...changes].map(([each, value]) => [each, value === null ? null : secret(each, value)] as const);
        await control.secrets.bulk(caller, worker, new Map(inputs));
        return { kind: "bulk", changes };
      }
      case 4:
        return { kind: "list", names: (await control.secrets.list(caller, worker)).map((each) => each.name) };
      default:
        return { kind: "read", secrets: await opened(world, await control.workers.get(caller, worker)) };
    }
  };
}

/** The values of what one answer showed; records never change, so they may be looked up afterwards. */
async function opened(world: World, view: WorkerView): Promise<ReadonlyMap<string, string>> {
  const { workerId, newest } = view;
  const { accountId } = world.caller;
  const keys = await world.store.install.listKeys(workerId);
  const opener = createOpener(world.keyring.installId, accountId, workerId, world.keyring.release(workerId, keys));
  const bound = newest?.manifest.bindings.filter(isSecret) ?? [];
  const ids: readonly Uuid[] = bound.map(({ recordId }) => recordId);
  const records = new Map((await world.store.versions.listRecords(workerId, ids)).map((row) => [row.recordId, row]));
  return new Map(
    bound.map(({ name, recordId }) => {
      const row = records.get(recordId);
      if (row === undefined) throw new Error("a record of the newest version is gone");
      const { dataKeyId, type, sealed } = row;
      return [name, opener.open({ accountId, workerId, recordId, dataKeyId, type }, sealed).reveal()] as const;
    }),
  );
}

/** Several clients at once, spread over the controls, each with pauses of its own. */
async function recordHistory(controls: readonly Control[], invoke: Invoke, seed: number): Promise<readonly Ended[]> {
  let moment = 0;
  const history: Ended[] = [];
  const client = async (at: number): Promise<void> => {
    const roll = dice(seed * 31 + at);
    const control = controls[at % controls.length];
    if (control === undefined) throw new Error("no control");
    for (let count = 0; count < CALLS_EACH; count++) {
      for (let pause = roll(3); pause > 0; pause--) await new Promise(setImmediate);
      const began = moment++;
      const call = await invoke(control, roll, `c${at}n${count}`);
      history.push({ call, began, ended: moment++ });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, at) => client(at)));
  return history;
}

const seeds = integer({ min: 1, max: 2 ** 31 });

describe("secrets of one Worker are linearizable", () => {
  it("through one control plane and through two replicas", async () => {
    await using(async (world) => {
      const replica = await world.replica();
      let round = 0;
      await assert(
        asyncProperty(seeds, async (seed) => {
          const worker = `w${round++}`;
          await world.control.workers.put(world.caller, worker, upload(CODE));
          const controls = seed % 2 === 0 ? [world.control] : [world.control, replica];
          const history = await recordHistory(controls, callsOn(world, worker), seed);
          expect(isLinearizable(history, new Map())).toBe(true);
        }),
        { numRuns: ROUNDS },
      );
    });
  });

  it("and the checker notices when lists come from a cache that is a write behind", async () => {
    await using(async (world) => {
      await world.control.workers.put(world.caller, "api", upload(CODE));
      const stale = staleLists(world.control);
      const invoke: Invoke = async (_, roll, tag) => {
        const name = NAMES[roll(NAMES.length)] ?? "A";
        if (roll(2) === 0) {
          await stale.secrets.put(world.caller, "api", secret(`${name} ${tag}`, tag));
          return { kind: "put", name: `${name} ${tag}`, value: tag };
        }
        return { kind: "list", names: (await stale.secrets.list(world.caller, "api")).map((each) => each.name) };
      };
      expect(isLinearizable(await recordHistory([stale], invoke, 7), new Map())).toBe(false);
    });
  });
});

/** Plants the fault: each list is the one that was true when the list before it was asked for. */
function staleLists(control: Control): Control {
  let last: ReturnType<Control["secrets"]["list"]> | undefined;
  return {
    ...control,
    secrets: {
      ...control.secrets,
      list(caller, worker) {
        const answer = last ?? control.secrets.list(caller, worker);
        last = control.secrets.list(caller, worker);
        return answer;
      },
    },
  };
}

async function using(run: (world: World) => Promise<void>): Promise<void> {
  const world = await openWorld();
  try {
    await run(world);
  } finally {
    await world.close();
  }
}
