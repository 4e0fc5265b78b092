/**
 * Is a workerd process well? workerd enforces no CPU or memory limit itself: one Worker can take the process with it
 * (dataplane.md 4). Its pulse finds what hangs, a look at its resident memory what grows without end.
 */
import { readFile } from "node:fs/promises";
import type { Pulse } from "./pulse.ts";
import type { Workerd } from "./workerd.ts";

export interface HealthLimits {
  readonly pingEveryMs: number;
  /** After computing for so long without an answer, the process is taken for hung (pulse.ts). */
  readonly hungAfterMs: number;
  readonly memoryEveryMs: number;
  readonly maxResidentBytes: number;
}

/** Some turns within the limit, so that one that was long for another reason does not decide. */
export const pulseEveryMs = ({ pingEveryMs, hungAfterMs }: HealthLimits): number => Math.min(pingEveryMs, hungAfterMs / 5);

/** Resolves with what is wrong, or undefined when the process is over. */
export async function watchHealth(
  workerd: Workerd,
  pulse: Pulse,
  limits: HealthLimits,
  over: AbortSignal,
): Promise<"hung" | "memory" | undefined> {
  const silent = pulse.silentFor(limits.hungAfterMs, over).then((isSilent) => (isSilent ? ("hung" as const) : undefined));
  return Promise.race([silent, watchMemory(workerd.pid, limits, over)]);
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
