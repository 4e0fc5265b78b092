/** A process and all that descends from it, read from /proc. Linux only, as the tests that need it are. */
import { readdirSync, readFileSync } from "node:fs";

/** The process itself first, then its descendants, parents before children. A process that is gone has none. */
export function processTree(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)];
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** SIGKILL to the whole tree at once: everything is frozen first, so that nothing is born meanwhile. */
export function killTree(pid: number): void {
  if (pid <= 1) throw new Error("not a process of ours");
  let known: number[] = [];
  for (;;) {
    const now = processTree(pid);
    for (const one of now) signal(one, "SIGSTOP");
    if (now.length === known.length) break;
    known = now;
  }
  for (const one of known) signal(one, "SIGKILL");
}

/** A zombie that nobody has waited for does not count. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return false;
  }
}

/** The arguments of a process, joined by spaces; empty when it is gone. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already, which is what was wanted.
  }
}
