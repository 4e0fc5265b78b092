/** The real world. Only this file and main.ts touch the global process. */
import { isatty } from "node:tty";
import { writeSync } from "node:fs";
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
    readStdin: () => process.stdin,
    keyboard: () => (keyboard ??= openKeyboard()),
    now: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
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

function openKeyboard(): Keyboard {
  const stdin = process.stdin;
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
