/** The program `corral`. */
import { processIo } from "./io/process-io.ts";
import { run } from "./run.ts";

void run(processIo()).then((code) => {
  process.exitCode = code;
});
