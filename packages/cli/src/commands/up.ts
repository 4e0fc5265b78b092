import { defineCommand } from "../args/flags.ts";
import { Failure } from "../output/errors.ts";

/** In a checkout the script `corral` starts the server itself; who gets here has only the command line. */
export const up = defineCommand({
  words: "up",
  summary: "Run a whole Corral on this machine, in the foreground",
  details: "CORRAL_DATA (default .corral), CORRAL_API_PORT (7787) and CORRAL_WORKERS_PORT (7788; 0 is any free port) say where.",
  positionals: [],
  flags: {},
  examples: [{ does: "In a checkout of Corral", line: "./corral up" }],
  run() {
    throw new Failure("This is the command line alone; the server comes with a checkout of Corral.", {
      hints: ["There: ./corral up"],
    });
  },
});
