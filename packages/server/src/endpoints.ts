/** `<data>/endpoints.json`: where a running Corral can be reached. Scripts rely on its shape; it is there while it is ready. */
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Endpoints {
  readonly apiUrl: string;
  readonly workersUrl: string;
  readonly accountId: string;
  readonly tokenFile: string;
  /** The process that stops all by SIGTERM. */
  readonly pid: number;
}

const fileOf = (dataDirectory: string) => join(dataDirectory, "endpoints.json");

/** Whole or not at all: a reader never sees half a file. */
export async function writeEndpoints(dataDirectory: string, endpoints: Endpoints): Promise<void> {
  const file = fileOf(dataDirectory);
  await writeFile(`${file}.new`, `${JSON.stringify(endpoints)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export async function removeEndpoints(dataDirectory: string): Promise<void> {
  await rm(fileOf(dataDirectory), { force: true });
}
