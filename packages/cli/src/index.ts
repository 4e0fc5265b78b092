/** The command line as a function, for whoever drives it in-process. The program itself is main.ts. */
export type { Io, Keyboard } from "./io/io.ts";
export { type ExitCode, exitCodes } from "./output/errors.ts";
export { run } from "./run.ts";
