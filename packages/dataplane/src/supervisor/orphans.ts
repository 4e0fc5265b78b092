/**
 * workerd processes of an earlier run in this run directory. A lifeline ends them within milliseconds of their agent;
 * one that hung just then is still there. They are told by their command line: it names our binary and our directory.
 */
import { readdir, readFile } from "node:fs/promises";

/** Resolves with how many were killed. Where there is no /proc, none. */
export async function endOrphans(runDirectory: string): Promise<number> {
  let ended = 0;
  for (const entry of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(entry)) continue;
    const args = (await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "")).split("\0");
    const isOurs = args[1] === "serve" && args.some((arg) => arg.startsWith(`ctl=unix:${runDirectory}/`));
    if (!isOurs) continue;
    try {
      process.kill(Number(entry), "SIGKILL");
      ended += 1;
    } catch {
      // Gone by itself, or somebody else's.
    }
  }
  return ended;
}
