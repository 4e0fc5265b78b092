/** The real world. Only this file and main.ts touch the global process. */
import { isatty } from "node:tty";
import { readSync, writeSync } from "node:fs";
import type { Io, Keyboard } from "./io.ts";

export function processIo(): Io {
  let keyboard: Keyboard | undefined;
  return {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    terminal: { stdin: isatty(0), stdout: isatty(1), stderr: isatty(2) },
    get columns() {
      return isatty(1) ? process.stdout.columns : 80;
    },
    writeOut: (text) => writeAll(1, text),
    writeErr: (text) => writeAll(2, text),
    readStdin,
    keyboard: () => (keyboard ??= openKeyboard()),
    now: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    every: (ms, work) => {
      const timer = setInterval(work, ms).unref();
      return () => clearInterval(timer);
    },
  };
}

/**
 * Blocking reads, without process.stdin: for a file it loads streams that cost 3 ms and 2 MiB. While one blocks, Ctrl-C
 * still ends the process, as nothing catches the signal then. A pipe set to non-blocking by its other users goes the long way.
 */
async function* readStdin(): AsyncGenerator<Uint8Array> {
  for (;;) {
    const chunk = Buffer.allocUnsafe(65_536);
    let length: number;
    try {
      length = readSync(0, chunk);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EAGAIN") yield* process.stdin as AsyncIterable<Uint8Array>;
      // What a closed pipe says on Windows, and a closed descriptor everywhere: nothing more comes.
      else if (code !== "EOF" && code !== "EBADF") throw error;
      return;
    }
    if (length === 0) return;
    yield chunk.subarray(0, length);
  }
}

/**
 * Straight to the descriptor: building process.stdout costs milliseconds. A pipe set to non-blocking by its other
 * users answers EAGAIN; then waiting a little is all there is to do. A reader that left (`corral list | head -1`) is
 * no failure of ours.
 */
function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== "EAGAIN") return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Ends of the process that would leave the terminal raw, or a question without the end of its line; by their numbers. */
const ENDS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

function openKeyboard(): Keyboard {
  const stdin = process.stdin;
  for (const [signal, number] of Object.entries(ENDS)) {
    process.on(signal, () => {
      if (stdin.isRaw) stdin.setRawMode(false);
      writeAll(2, "\n");
      process.exit(128 + number);
    });
  }
  const chunks: Uint8Array[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  stdin.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    wake?.();
  });
  stdin.on("end", () => {
    ended = true;
    wake?.();
  });
  stdin.on("error", () => {
    ended = true;
    wake?.();
  });
  return {
    async read() {
      stdin.resume();
      stdin.ref();
      if (chunks.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
      stdin.pause();
      return chunks.shift();
    },
    setRaw: (raw) => {
      stdin.setRawMode(raw);
    },
    release: () => {
      stdin.pause();
      stdin.unref();
    },
  };
}
