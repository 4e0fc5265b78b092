import { readFile } from "node:fs/promises";

/**
 * Milliseconds that a process's main thread, where all JavaScript runs, has had a processor: the first field of
 * schedstat, which is in nanoseconds. undefined where there is no /proc, or no such process.
 */
export async function processorMs(pid: number): Promise<number | undefined> {
  try {
    return Number((await readFile(`/proc/${pid}/schedstat`, "utf8")).split(" ")[0]) / 1e6;
  } catch {
    return undefined;
  }
}
