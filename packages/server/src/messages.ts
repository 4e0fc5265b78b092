/** What `corral up` says to the person at the terminal. Paths and addresses are the operator's own. */
import { isCorralError } from "@corral/base";
import { AgentFailure } from "./agent-process.ts";
import type { UpConfig } from "./config.ts";
import type { Endpoints } from "./endpoints.ts";
import { StartError } from "./start-error.ts";

/** Printed once, when everything answers. */
export function readyMessage(endpoints: Endpoints, config: UpConfig): string {
  const port = new URL(endpoints.workersUrl).port;
  const hello = `http://hello.localhost:${port}/`;
  return [
    "Corral is ready.",
    "",
    `  API      ${endpoints.apiUrl}`,
    `  Workers  http://<worker>.localhost:${port}/`,
    `  Data     ${config.dataDirectory}`,
    `  Key      ${config.kekFile}  (copy it to another place: without it no secret opens)`,
    "",
    "Ask the example Worker:",
    `  curl '${hello}?text=corral'`,
    "Change its secret, in another terminal:",
    '  eval "$(./corral env)"',
    "  cd examples/hello && npx wrangler@4.164.0 secret put SIGNING_KEY",
    "",
    "Ctrl-C stops it. What Workers log follows.",
  ].join("\n");
}

/** Why it does not start, and what may help; the catalogue's fixed text, or our own. */
export function refusalMessage(error: unknown, config: UpConfig | undefined): string {
  const [message, hints] = explain(error, config);
  return [`error: ${message}`, ...hints.map((hint) => `hint: ${hint}`)].join("\n");
}

/** A refusal whose message and hints say all that the operator can use. */
export function isForeseen(error: unknown): boolean {
  if (error instanceof StartError || error instanceof AgentFailure) return true;
  return isCorralError(error) && (error.code.startsWith("kek.") || ["data.locked", "storage.newer-schema"].includes(error.code));
}

function explain(error: unknown, config: UpConfig | undefined): readonly [string, readonly string[]] {
  if (error instanceof StartError) return [error.message, error.hints];
  if (error instanceof AgentFailure) return explainAgent(error, config);
  if (isCorralError(error)) return [error.message, hintsFor(error.code, config)];
  return ["Corral could not start.", []];
}

function explainAgent({ message, code }: AgentFailure, config: UpConfig | undefined): readonly [string, readonly string[]] {
  if (code === "port.taken") return portTaken("CORRAL_WORKERS_PORT", config?.workersPort);
  return [`${message} (${code})`, []];
}

export function portTaken(variable: string, port: number | undefined): readonly [string, readonly string[]] {
  return [`Port ${port ?? 0} is in use.`, [`choose another with ${variable}, or 0 for any free one`]];
}

function hintsFor(code: string, config: UpConfig | undefined): readonly string[] {
  if (config === undefined) return [];
  if (code.startsWith("kek.")) {
    const file = `the key file is ${config.kekFile}`;
    switch (code) {
      case "kek.exposed":
        return [file, "make it yours alone: chmod 600"];
      case "kek.missing":
        return [file, "put it back from where you keep its copy, or name its place in CORRAL_KEK_FILE"];
      case "kek.wrong":
        return [file, `the data is ${config.dataDirectory}; each belongs to its own key`];
      default:
        return [file];
    }
  }
  if (code === "data.locked")
    return [`the data directory is ${config.dataDirectory}`, "stop the other one, or give this one its own CORRAL_DATA"];
  return [];
}
