/** Isolates that no route names any more: evicted after a grace period, unless they are wanted again meanwhile. */
import type { Uuid } from "@corral/base";
import type { ModuleStore } from "../loader/modules.ts";
import type { Isolates } from "./isolates.ts";

export interface Retirement {
  /** `isolate` may go; a second call does not begin its time anew. */
  retire(isolate: string): void;
  /** It is wanted (again). */
  keep(isolate: string): void;
  stop(): void;
}

export interface RetirementOptions {
  readonly isolates: Isolates;
  readonly modules: ModuleStore;
  readonly graceMs: number;
  /** Ends them in every process; running requests end on the old isolate. */
  readonly evict: (isolate: string) => Promise<void>;
  readonly onEvicted: (workerId: Uuid) => void;
}

export function createRetirement({ isolates, modules, graceMs, evict, onEvicted }: RetirementOptions): Retirement {
  const going = new Map<string, NodeJS.Timeout>();

  async function end(isolate: string): Promise<void> {
    await evict(isolate).catch(() => {});
    if (!going.delete(isolate)) return;
    const entry = isolates.find(isolate);
    isolates.forget(isolate);
    if (entry === undefined) return;
    const { manifest } = entry.version;
    onEvicted(manifest.workerId);
    const stillUsed = isolates.versionsOf(manifest.workerId).some((version) => version.manifest === manifest);
    if (!stillUsed) modules.release(manifest);
  }

  return {
    retire(isolate) {
      if (!going.has(isolate))
        going.set(
          isolate,
          setTimeout(() => void end(isolate), graceMs),
        );
    },
    keep(isolate) {
      clearTimeout(going.get(isolate));
      going.delete(isolate);
    },
    stop() {
      for (const timer of going.values()) clearTimeout(timer);
      going.clear();
    },
  };
}
