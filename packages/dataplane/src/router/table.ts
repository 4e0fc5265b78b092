/** The router's table. Setting one Worker costs one Worker, however many there are. */
import type { Route, RoutesPush } from "./protocol.ts";

export class RouteTable {
  #revision = 0;
  #marker = "";
  #byWorker = new Map<string, Route>();
  #byHost = new Map<string, Route>();
  #byName = new Map<string, Route>();

  /** 0 until the agent has pushed the whole table. */
  get revision(): number {
    return this.#revision;
  }

  /** Empty unless dispatches are to be named. */
  get marker(): string {
    return this.#marker;
  }

  atHost(host: string): Route | undefined {
    return this.#byHost.get(host);
  }

  named(accountId: string, name: string): Route | undefined {
    return this.#byName.get(nameKey(accountId, name));
  }

  ofWorker(workerId: string): Route | undefined {
    return this.#byWorker.get(workerId);
  }

  apply({ revision, whole, routes, removed, marker }: RoutesPush): void {
    if (marker !== undefined) this.#marker = marker;
    if (whole) {
      this.#byWorker = new Map();
      this.#byHost = new Map();
      this.#byName = new Map();
    }
    for (const workerId of removed) this.#remove(workerId);
    for (const route of routes) this.place(route);
    this.#revision = revision;
  }

  place(route: Route): void {
    this.#remove(route.workerId);
    this.#byWorker.set(route.workerId, route);
    this.#byName.set(nameKey(route.accountId, route.name), route);
    for (const host of route.hosts) this.#byHost.set(host, route);
  }

  /** A host or name that another Worker has taken since is that Worker's. */
  #remove(workerId: string): void {
    const old = this.#byWorker.get(workerId);
    if (old === undefined) return;
    this.#byWorker.delete(workerId);
    const key = nameKey(old.accountId, old.name);
    if (this.#byName.get(key) === old) this.#byName.delete(key);
    for (const host of old.hosts) if (this.#byHost.get(host) === old) this.#byHost.delete(host);
  }
}

function nameKey(accountId: string, name: string): string {
  return `${accountId}/${name}`;
}
