/** The environment, once, as typed configuration. The only place that says what the variables mean. */
import { isAbsolute, join, resolve } from "node:path";
import { parseFault } from "@corral/base";
import { StartError } from "./start-error.ts";

export interface UpConfig {
  /** Absolute. Everything that Corral keeps lies below it. */
  readonly dataDirectory: string;
  /** Loopback only; 0 is any free port. */
  readonly apiPort: number;
  readonly workersPort: number;
  /** Absolute; may lie apart from the data, on another disk or a removable one. */
  readonly kekFile: string;
  /** For tests: `<point>:<nth>`, see base's fault points. */
  readonly fault?: string;
}

export const DEFAULT_API_PORT = 7787;
export const DEFAULT_WORKERS_PORT = 7788;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Throws StartError naming the variable; a refused value is not repeated. */
export function readConfig(environment: Environment, workingDirectory: string): UpConfig {
  const dataDirectory = readPath(environment, "CORRAL_DATA", workingDirectory) ?? resolve(workingDirectory, ".corral");
  const fault = readFault(environment);
  const config: UpConfig = {
    dataDirectory,
    ...(fault !== undefined && { fault }),
    apiPort: readPort(environment, "CORRAL_API_PORT", DEFAULT_API_PORT),
    workersPort: readPort(environment, "CORRAL_WORKERS_PORT", DEFAULT_WORKERS_PORT),
    kekFile: readPath(environment, "CORRAL_KEK_FILE", workingDirectory) ?? join(dataDirectory, "kek"),
  };
  if (config.apiPort !== 0 && config.apiPort === config.workersPort) {
    throw new StartError("CORRAL_API_PORT and CORRAL_WORKERS_PORT are the same port.", [
      "Give each its own, or 0 for any free port.",
    ]);
  }
  return config;
}

/** Two variables, so that neither alone, left over somewhere, ends a Corral that people rely on. */
function readFault(environment: Environment): string | undefined {
  const text = environment["CORRAL_FAULT"];
  if (environment["CORRAL_TEST_FAULTS"] !== "1" || text === undefined || text === "") return undefined;
  if (parseFault(text, () => undefined) === undefined) throw new StartError("CORRAL_FAULT is not <point>:<nth>.");
  return text;
}

function readPath(environment: Environment, name: string, workingDirectory: string): string | undefined {
  const text = environment[name];
  if (text === undefined || text === "") return undefined;
  if (text.includes("\0")) throw new StartError(`${name} is not a path.`);
  return isAbsolute(text) ? resolve(text) : resolve(workingDirectory, text);
}

function readPort(environment: Environment, name: string, fallback: number): number {
  const text = environment[name];
  if (text === undefined || text === "") return fallback;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new StartError(`${name} is not a port: 0 to 65535, where 0 is any free port.`);
  return port;
}
