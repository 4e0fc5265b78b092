/** A real program on a real pseudo-terminal (util-linux `script`): what the in-process keyboard cannot show. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

const main = join(import.meta.dirname, "..", "main.ts");

/** Tests that need one are skipped by name where it is missing. */
export const hasScript = ["/usr/bin/script", "/bin/script"].some((path) => existsSync(path));

export interface TerminalSession {
  /** All that stood on the screen, with line ends as `\n`. */
  readonly screen: () => string;
  type(keys: string): void;
  /** Resolves when the text has appeared; rejects when the program ended without it. */
  waitFor(text: string): Promise<void>;
  /** The exit code of the command. */
  readonly ended: Promise<number | null>;
}

export interface TerminalOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The shell command that runs `corral` with these words. */
export function corralLine(words: string): string {
  return `'${process.execPath}' '${main}' ${words}`;
}

export function openTerminal(shellLine: string, options: TerminalOptions): TerminalSession {
  const child = spawn("script", ["-qfec", shellLine, "/dev/null"], {
    cwd: options.cwd,
    env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, TERM: "xterm", NO_COLOR: "1", LANG: "C.UTF-8", ...options.env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  const watchers = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    output += part;
    for (const look of watchers) look();
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const screen = () => output.replaceAll("\r\n", "\n");
  return {
    screen,
    type: (keys) => void child.stdin.write(keys),
    waitFor: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!screen().includes(text)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        void ended.then(() => reject(new Error(`ended without "${text}":\n${screen()}`)));
        look();
      }),
    ended,
  };
}
