/** The program `corral`. */
import { processIo } from "./io/process-io.ts";
import { exitCodes } from "./output/errors.ts";
import { run } from "./run.ts";

// Node's own default would be death by the signal, which a parent process cannot tell from a kill.
process.on("SIGINT", () => process.exit(exitCodes.interrupted));
process.exitCode = await run(processIo());
