/**
 * Is a workerd process well? workerd enforces no CPU or memory limit itself: one Worker can take the process with it
 * (dataplane.md 4). A heartbeat finds what hangs, a look at its resident memory what grows without end.
 */
import { readFile } from "node:fs/promises";
import type { Clock } from "@corral/base";
import type { Workerd } from "./workerd.ts";

export interface HealthLimits {
  readonly pingEveryMs: number;
  /** Without an answer for so long, the process is taken for hung. A long computation is legal. */
  readonly hungAfterMs: number;
  readonly memoryEveryMs: number;
  readonly maxResidentBytes: number;
}

/** Resolves with what is wrong, or undefined when the process is over. */
export async function watchHealth(
  workerd: Workerd,
  limits: HealthLimits,
  clock: Clock,
  over: AbortSignal,
): Promise<"hung" | "memory" | undefined> {
  return Promise.race([watchPulse(workerd, limits, clock, over), watchMemory(workerd.pid, limits, over)]);
}

async function watchPulse(
  workerd: Workerd,
  { pingEveryMs, hungAfterMs }: HealthLimits,
  clock: Clock,
  over: AbortSignal,
): Promise<"hung" | undefined> {
  let lastAnswer = clock.monotonic();
  while (await passed(pingEveryMs, over)) {
    try {
      const left = hungAfterMs - (clock.monotonic() - lastAnswer);
      await workerd.ask("GET", "/ping", undefined, Math.max(1, left));
      lastAnswer = clock.monotonic();
    } catch {
      if (!over.aborted && clock.monotonic() - lastAnswer >= hungAfterMs) return "hung";
    }
  }
  return undefined;
}

async function watchMemory(
  pid: number,
  { memoryEveryMs, maxResidentBytes }: HealthLimits,
  over: AbortSignal,
): Promise<"memory" | undefined> {
  while (await passed(memoryEveryMs, over)) {
    if ((await residentBytes(pid)) > maxResidentBytes) return "memory";
  }
  return undefined;
}

/** Linux's pages are 4 KiB where workerd runs. Where there is no /proc there is no guard: 0. */
async function residentBytes(pid: number): Promise<number> {
  try {
    return Number((await readFile(`/proc/${pid}/statm`, "utf8")).split(" ")[1]) * 4_096;
  } catch {
    return 0;
  }
}

/** false as soon as `over`. */
function passed(ms: number, over: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (over.aborted) return resolve(false);
    const done = (): void => {
      clearTimeout(timer);
      over.removeEventListener("abort", done);
      resolve(!over.aborted);
    };
    const timer = setTimeout(done, ms);
    over.addEventListener("abort", done);
  });
}
