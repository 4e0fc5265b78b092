/** Finds a Corral that runs on this machine: `<data>/endpoints.json` (written by `corral up`) and its token file. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type JsonObject, parseJson, Redacted } from "@corral/base";
import type { Io } from "../io/io.ts";
import { Failure } from "../output/errors.ts";

export interface Endpoints {
  readonly apiUrl: string;
  readonly workersUrl: string;
  readonly accountId: string;
  readonly token: Redacted;
}

/** undefined: none runs here. Throws Failure when what it left cannot be read. */
export function findEndpoints(io: Io): Endpoints | undefined {
  const directory = dataDirectories(io).find((one) => existsSync(join(one, "endpoints.json")));
  if (directory === undefined) return undefined;
  const file = readObject(join(directory, "endpoints.json"));
  const { apiUrl, workersUrl, accountId, tokenFile } = file ?? {};
  if (typeof apiUrl !== "string" || typeof workersUrl !== "string") throw unreadable();
  if (typeof accountId !== "string" || typeof tokenFile !== "string") throw unreadable();
  let token: string;
  try {
    token = readFileSync(resolve(directory, tokenFile), "utf8").trim();
  } catch {
    throw new Failure("The token file of the running Corral cannot be read.", {
      hints: ["It belongs to the user who started it; or set CLOUDFLARE_API_BASE_URL and CLOUDFLARE_API_TOKEN."],
    });
  }
  return { apiUrl, workersUrl, accountId, token: new Redacted(token) };
}

/** CORRAL_DATA alone if set; else .corral here or in a folder above, then in the checkout that this file lies in. */
function dataDirectories(io: Io): string[] {
  const named = io.env["CORRAL_DATA"];
  if (named !== undefined && named !== "") return [resolve(io.cwd, named)];
  const found: string[] = [];
  for (let folder = io.cwd; ; folder = dirname(folder)) {
    found.push(join(folder, ".corral"));
    if (dirname(folder) === folder) break;
  }
  const here = fileURLToPath(import.meta.url);
  if (here.endsWith(".ts")) found.push(resolve(dirname(here), "..", "..", "..", "..", ".corral"));
  return found;
}

function readObject(path: string): JsonObject | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    throw unreadable();
  }
  const parsed = parseJson(bytes);
  if (!parsed.ok || typeof parsed.value !== "object" || parsed.value === null || Array.isArray(parsed.value)) return undefined;
  return parsed.value as JsonObject;
}

function unreadable(): Failure {
  return new Failure("The file endpoints.json of the running Corral cannot be read.", {
    hints: ["Stop it and start it again: ./corral up"],
  });
}
