/** Runs a command in-process, with a world of its own: streams captured, a keyboard that plays back keys. */
import { mkdtempSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Io } from "../io/io.ts";
import { run } from "../run.ts";

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Bytes of standard input, as the chunks that they arrive in. */
  readonly stdin?: string | Uint8Array | readonly Uint8Array[];
  /** What is typed at a terminal; given at all, stdin, stdout and stderr are terminals. */
  readonly typed?: readonly (string | Uint8Array)[];
  /** Whatever can take long does. */
  readonly slow?: boolean;
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order they were written. */
  readonly screen: string;
  /** Raw mode as it was switched. */
  readonly raw: readonly boolean[];
  readonly slept: readonly number[];
}

export async function runCli(argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  let screen = "";
  const raw: boolean[] = [];
  const slept: number[] = [];
  const keys = [...(options.typed ?? [])];
  const isTerminal = options.typed !== undefined;
  const io: Io = {
    argv,
    env: { NO_COLOR: "1", ...options.env },
    cwd: options.cwd ?? emptyDirectory(),
    terminal: { stdin: isTerminal, stdout: isTerminal, stderr: isTerminal },
    columns: 80,
    writeOut: (text) => {
      stdout += text;
      screen += text;
    },
    writeErr: (text) => {
      stderr += text;
      screen += text;
    },
    readStdin: async function* () {
      const { stdin } = options;
      if (stdin === undefined) return;
      if (typeof stdin === "string" || stdin instanceof Uint8Array) yield Buffer.from(stdin);
      else yield* stdin;
    },
    keyboard: () => ({
      read: async () => {
        const next = keys.shift();
        return next === undefined ? undefined : Buffer.from(next);
      },
      setRaw: (on) => void raw.push(on),
      release: () => undefined,
    }),
    now: () => performance.now(),
    sleep: async (ms) => void slept.push(ms),
    every: (_ms, work) => {
      if (options.slow === true) work();
      return () => undefined;
    },
  };
  const code = await run(io);
  return { code, stdout, stderr, screen, raw, slept };
}

export function emptyDirectory(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const directory = mkdtempSync(join(tmpdir(), "corral-cli-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}
