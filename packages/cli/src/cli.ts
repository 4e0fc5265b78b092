/** What every command's handler gets. */
import type { Ask } from "./ask/ask.ts";
import type { Io } from "./io/io.ts";
import type { Output } from "./output/output.ts";

export interface Cli {
  readonly io: Io;
  readonly out: Output;
  readonly ask: Ask;
}
