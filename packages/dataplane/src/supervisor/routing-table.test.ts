import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RouteTable } from "../router/table.ts";
import { createRoutingTable } from "./routing-table.ts";

const routeOf = (workerId: string, version: number) => ({
  workerId,
  accountId: "a",
  name: workerId,
  hosts: [workerId],
  isolates: [{ versionId: `${version}`, isolate: `${version}` }],
  thresholds: [100],
});

test("nothing is handed out before the first routes are complete", () => {
  const table = createRoutingTable();
  table.set(routeOf("a", 1));
  expect(table.revision).toBe(0);
  table.open();
  expect(table.changesAfter(0)).toEqual({ revision: 1, whole: true, routes: [routeOf("a", 1)], removed: [] });
});

test("a router that takes pushes at any pace ends with the agent's table", () => {
  const step = fc.record({
    worker: fc.constantFrom("a", "b", "c"),
    what: fc.constantFrom("set", "early", "remove", "push", "restart"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = createRoutingTable();
      table.open();
      let router = new RouteTable();
      const push = (): void => router.apply(table.changesAfter(router.revision));
      for (const [at, { worker, what }] of steps.entries()) {
        if (what === "set") table.set(routeOf(worker, at));
        else if (what === "early") {
          // A process that has loaded it routes to it before it is committed.
          router.place(routeOf(worker, at));
          table.set(routeOf(worker, at));
        } else if (what === "remove") table.remove(worker);
        else if (what === "push") push();
        else router = new RouteTable();
      }
      push();
      const wanted = new Map(table.changesAfter(0).routes.map((route) => [route.workerId, route]));
      for (const worker of ["a", "b", "c"]) expect(router.ofWorker(worker)).toEqual(wanted.get(worker));
      expect(router.revision).toBe(table.revision);
    }),
  );
});

test("a process far behind gets the whole table", () => {
  const table = createRoutingTable();
  table.open();
  for (let at = 0; at < 5_000; at += 1) table.set(routeOf(`w${at % 10}`, at));
  expect(table.changesAfter(1)).toMatchObject({ whole: true, revision: 5_001 });
  expect(table.changesAfter(4_999)).toMatchObject({ whole: false, routes: [{ workerId: "w9" }, { workerId: "w8" }] });
});
