/**
 * `corral up`: the process that people start and stop. It holds the signals, the exit code and the terminal; all else
 * is in up.ts.
 *
 *   0  stopped by SIGINT, SIGTERM or SIGHUP, everything drained
 *   1  did not start, and said why; or an unexpected error, of which only class and place are printed
 *   2  wrong usage
 */
import { systemClock } from "@corral/base";
import { readConfig, type UpConfig } from "./config.ts";
import { createOperatorLog, describeError, formatWorkerLog } from "./logs.ts";
import { isForeseen, readyMessage, refusalMessage } from "./messages.ts";
import { type Running, startUp } from "./up.ts";

const USAGE = `usage: corral up

Starts Corral in the foreground: the API, the node agent and workerd, on loopback.

  CORRAL_DATA          where it keeps everything        (.corral)
  CORRAL_API_PORT      port of the API, 0 is any        (7787)
  CORRAL_WORKERS_PORT  port of the Workers, 0 is any    (7788)
  CORRAL_KEK_FILE      the key that wraps all others    (<data>/kek)
`;

const log = createOperatorLog((line) => process.stderr.write(`${line}\n`), systemClock.now);

/** Of an error that nobody caught only class and place are safe to print; lifelines end the children. */
function crash(error: unknown): never {
  log.write({ event: "crashed", ...describeError(error) });
  process.exit(1);
}

async function main(): Promise<void> {
  const stopped = whenAskedToStop();
  let config: UpConfig | undefined;
  let running: Running;
  try {
    config = readConfig(process.env, process.cwd());
    running = await startUp({
      config,
      log,
      onWorkerLog: (line) => process.stdout.write(`${formatWorkerLog(line)}\n`),
      stopped,
    });
  } catch (error) {
    console.error(refusalMessage(error, config));
    if (stopped.aborted) process.exit(0);
    // A refusal has said all: its place in the source helps only where nobody foresaw the error.
    if (!isForeseen(error)) log.write({ event: "not-started", ...describeError(error) });
    process.exit(1);
  }
  if (!stopped.aborted) console.log(readyMessage(running.endpoints, config));
  await whenAborted(stopped);
  console.error("Stopping …");
  await running.stop();
  process.exit(0);
}

/** The first signal asks to stop; every further one finds the same request. */
function whenAskedToStop(): AbortSignal {
  const asked = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => asked.abort());
  return asked.signal;
}

async function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);
// A terminal that went away must not end what is running: its end comes as SIGHUP.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
process.umask(0o077);

const [command, ...rest] = process.argv.slice(2);
if (command !== "up" || rest.length > 0) {
  const help = rest.length === 1 && (rest[0] === "--help" || rest[0] === "-h");
  (help ? process.stdout : process.stderr).write(USAGE);
  process.exit(help ? 0 : 2);
}
await main();
