import type { Cli } from "../cli.ts";
import { duration } from "./words.ts";

const EVERY_MS = 3000;

/** Says now and then that work is still under way, and for how long; nothing for what is quick. */
export async function withProgress<T>(cli: Cli, what: string, work: Promise<T>): Promise<T> {
  const start = cli.io.now();
  const stop = cli.io.every(EVERY_MS, () => cli.out.note(`${what} … ${duration(cli.io.now() - start)}`));
  try {
    return await work;
  } finally {
    stop();
  }
}
