import { Readable } from "node:stream";
import { systemClock } from "@corral/base";
import { afterEach, expect, test } from "vitest";
import { createRoutingTable } from "./routing-table.ts";
import { type EndReason, Slot } from "./slot.ts";
import type { Workerd } from "./workerd.ts";

const DEADLINE_MS = 30;
const never = (): Promise<never> => new Promise(() => {});
const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const slots: Slot[] = [];
afterEach(async () => {
  for (const slot of slots.splice(0)) await slot.stop(0);
});

interface Behaviour {
  readonly warm: () => Promise<unknown>;
  readonly ping: () => Promise<unknown>;
}

/** A slot whose process does as it is told; what it ended with. */
async function slotWith({ warm, ping }: Behaviour): Promise<{ readonly slot: Slot; readonly ends: EndReason[] }> {
  const ends: EndReason[] = [];
  const start = async (): Promise<Workerd> => {
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    let isAlive = true;
    void exited.then(() => (isAlive = false));
    const answers: Readonly<Record<string, () => Promise<unknown>>> = {
      "/warm": warm,
      "/ping": ping,
      "/logs": never,
      "/routes": async () => ({ revision: 1, served: 0 }),
      "/release": async () => ({}),
    };
    return {
      pid: process.pid,
      exited,
      get isAlive() {
        return isAlive;
      },
      stderrBytes: 0,
      marker: "",
      lastNamed: undefined,
      ask: (async (_method: string, path: string, _body?: unknown, timeoutMs = 60_000) => {
        const late = after(timeoutMs).then(() => Promise.reject(new Error("late")));
        const gone = exited.then(() => Promise.reject(new Error("gone")));
        return Promise.race([answers[path]?.(), late, gone]);
      }) as Workerd["ask"],
      stream: async () => Readable.from([]),
      kill: resolve,
      async drain() {
        resolve();
      },
    };
  };
  const health = { pingEveryMs: 5, hungAfterMs: DEADLINE_MS, memoryEveryMs: 1_000, maxResidentBytes: 1e12 };
  const slot = new Slot({
    table: createRoutingTable(),
    start,
    health,
    clock: systemClock,
    onStarted: () => {},
    onEnded: (_pid, why) => ends.push(why),
    onLogs: () => {},
  });
  slots.push(slot);
  await slot.started;
  return { slot, ends };
}

const answersPings = async (): Promise<unknown> => ({ revision: 1, served: 0 });
const LOADED = { ok: true, handlers: ["fetch"], named: [] } as const;

test("a load that takes longer than its limit is no hang while the process answers", async () => {
  const warm = () => after(3 * DEADLINE_MS).then(() => LOADED);
  const { slot, ends } = await slotWith({ warm, ping: answersPings });
  expect(await slot.warm({ isolate: "slow" }, DEADLINE_MS)).toEqual(LOADED);
  expect(ends).toEqual([]);
});

test("a load that never ends in a process that answers is given up, and the process stays", async () => {
  const { slot, ends } = await slotWith({ warm: never, ping: answersPings });
  expect(await slot.warm({ isolate: "endless" }, DEADLINE_MS)).toMatchObject({ ok: false, kind: "unavailable" });
  expect(ends).toEqual([]);
});

test("a process that does not answer at all during a load is ended, and it is not counted against a Worker's requests", async () => {
  const { slot, ends } = await slotWith({ warm: never, ping: never });
  expect(await slot.warm({ isolate: "hangs" }, 20 * DEADLINE_MS)).toBe("hung");
  expect(ends).toEqual(["load-hung"]);
});
