/** The routes as the agent has committed them, with a revision that each process catches up with. */
import type { Route, RoutesPush } from "../router/protocol.ts";

export interface RoutingTable {
  /** 0 until `open`; then grows with each change. */
  readonly revision: number;
  /** The first routes are complete: from now on processes get them. */
  open(): void;
  set(route: Route): void;
  remove(workerId: string): void;
  find(workerId: string): Route | undefined;
  /** What a process at `revision` lacks; 0 has nothing and gets all. */
  changesAfter(revision: number): RoutesPush;
}

/** What a process may lag behind and still get differences only. */
const MAX_RECENT = 1_000;

export function createRoutingTable(): RoutingTable {
  let revision = 0;
  const routesByWorker = new Map<string, Route>();
  let recent: { readonly revision: number; readonly workerId: string }[] = [];

  function put(workerId: string, route: Route | undefined): void {
    if (route === undefined) routesByWorker.delete(workerId);
    else routesByWorker.set(workerId, route);
    if (revision === 0) return;
    revision += 1;
    recent.push({ revision, workerId });
    if (recent.length > 2 * MAX_RECENT) recent = recent.slice(-MAX_RECENT);
  }

  function whole(): RoutesPush {
    return { revision, whole: true, routes: [...routesByWorker.values()], removed: [] };
  }

  return {
    get revision() {
      return revision;
    },
    open() {
      revision = Math.max(revision, 1);
    },
    set: (route) => put(route.workerId, route),
    remove: (workerId) => put(workerId, undefined),
    changesAfter(known) {
      const oldest = recent[0]?.revision ?? revision + 1;
      if (known === 0 || known + 1 < oldest) return whole();
      const moved = new Set<string>();
      for (let at = recent.length - 1; at >= 0 && (recent[at]?.revision ?? 0) > known; at -= 1) {
        moved.add(recent[at]?.workerId ?? "");
      }
      const routes: Route[] = [];
      const removed: string[] = [];
      for (const workerId of moved) {
        const route = routesByWorker.get(workerId);
        if (route === undefined) removed.push(workerId);
        else routes.push(route);
      }
      return { revision, whole: false, routes, removed };
    },
    find: (workerId) => routesByWorker.get(workerId),
  };
}
