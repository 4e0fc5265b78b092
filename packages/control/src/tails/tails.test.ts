import { newUuid, systemClock, systemRandom, type Uuid } from "@corral/base";
import type { FeedTrace, TailFilter } from "@corral/contract";
import { expect, test } from "vitest";
import { isWanted } from "./filter.ts";
import { Tails } from "./tails.ts";

const workerId = newUuid(systemRandom);
const versionId = newUuid(systemRandom);
const trace: FeedTrace = {
  workerId,
  workerName: "w",
  versionId,
  at: 1,
  outcome: "ok",
  entrypoint: null,
  cpuMs: 0,
  wallMs: 0,
  truncated: false,
  exceptions: [{ at: 1, name: "Error", message: "of something", stack: null }],
  logs: [{ at: 1, level: "log", message: ['"two \\"words\\""', '{"a":1}'] }],
  event: { kind: "request", url: "http://w/", method: "GET", headers: [["X-Kind", "some value"]], cf: null, status: 200 },
};

const cases: readonly (readonly [TailFilter, boolean])[] = [
  [{ by: "outcome", outcomes: ["ok"] }, true],
  [{ by: "outcome", outcomes: ["exception"] }, false],
  [{ by: "method", methods: ["GET"] }, true],
  [{ by: "method", methods: ["POST"] }, false],
  [{ by: "header", name: "x-kind", value: undefined }, true],
  [{ by: "header", name: "x-kind", value: "some" }, true],
  [{ by: "header", name: "x-kind", value: "other" }, false],
  [{ by: "header", name: "x-absent", value: undefined }, false],
  [{ by: "client-ip", addresses: ["self"] }, true],
  [{ by: "client-ip", addresses: ["10.0.0.1"] }, false],
  [{ by: "text", text: 'two "words"' }, true],
  [{ by: "text", text: "Error: of something" }, true],
  [{ by: "text", text: "absent" }, false],
  [{ by: "version", versionId }, true],
  [{ by: "version", versionId: workerId }, false],
  [{ by: "sampling", rate: 0.6 }, true],
  [{ by: "sampling", rate: 0.4 }, false],
];

test.each(cases)("the filter %j holds: %s", (filter, wanted) => {
  expect(isWanted(trace, { filters: [filter], clientAddress: "127.0.0.1", chance: () => 0.5 })).toBe(wanted);
});

function open(limits = { perWorker: 2, inAll: 3, lifeMs: 3_600_000, reconnectMs: 60_000 }) {
  const flips: Uuid[] = [];
  const tails = new Tails({ clock: systemClock, random: systemRandom, onFlip: () => flips.push(workerId), limits });
  const begin = (of = workerId) => tails.begin({ workerId: of, tokenId: "t", filters: [], clientAddress: "127.0.0.1" });
  return { tails, flips, begin };
}

const sink = () => {
  const heard: string[] = [];
  return { heard, put: (one: FeedTrace) => void heard.push(one.outcome), end: (reason: string) => void heard.push(reason) };
};

test("a Worker is tailed from the first tail to the last, and only the capability opens one", () => {
  const { tails, flips, begin } = open();
  const { tail, capability } = begin();
  const client = sink();
  expect(tails.attach(tail.id, client)).toBeUndefined();
  expect(tails.attach(capability, client)).toBeDefined();
  expect(tails.isTailed(workerId)).toBe(true);
  tails.publish([trace, { ...trace, workerId: versionId }]);
  tails.end(workerId, tail.id);
  expect(client.heard).toEqual(["ok", "ended"]);
  expect([tails.isTailed(workerId), flips.length]).toEqual([false, 2]);
  expect(() => tails.end(workerId, tail.id)).toThrow("This tail does not exist");
});

test("there are so many tails and no more; one without a connection makes room", () => {
  const { tails, begin } = open();
  const first = begin();
  tails.attach(begin().capability, sink());
  const third = begin();
  expect(tails.attach(first.capability, sink())).toBeUndefined();
  tails.attach(third.capability, sink());
  expect(() => begin()).toThrow("2 live tails of this Worker");
});

test("a later connection takes the tail over, and a revoked token ends it", () => {
  const { tails, begin } = open();
  const { capability } = begin();
  const [a, b] = [sink(), sink()];
  tails.attach(capability, a);
  tails.attach(capability, b);
  tails.endOfToken("t");
  expect([a.heard, b.heard]).toEqual([["replaced"], ["ended"]]);
});

test("a tail ends when its time is up", async () => {
  const { tails, begin } = open({ perWorker: 2, inAll: 3, lifeMs: 5, reconnectMs: 5 });
  const { capability } = begin();
  const reason = await new Promise((resolve) => tails.attach(capability, { put: () => undefined, end: resolve }));
  expect([reason, tails.isTailed(workerId)]).toEqual(["expired", false]);
});
