/**
 * Stock wrangler as a child process, pointed at a running Corral and at nothing else.
 *
 * Its home, its configuration, its logs and its caches lie in a temporary directory: the person's own are neither read
 * nor written. It runs non-interactively, so every prompt takes its fallback.
 *
 * Its `bin` only starts a second Node on `wrangler-dist/cli.js`; that second one is started here at once, with the flags
 * that the `bin` gives it. What V8 made of its megabytes of code is kept between runs, and holds nothing but code.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { root, temporaryDirectory } from "./paths.ts";

export interface WranglerOptions {
  readonly corral: { readonly apiUrl: string; readonly token: string; readonly accountId: string };
  /** A project's directory. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For its stdin; none means an empty one. */
  readonly input?: string | Uint8Array;
  /** The name of an installed alias; `wrangler` unless given. */
  readonly package?: string;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let home: string | undefined;

/** Where every wrangler of this test file kept its state; for the canary sweep. */
export function wranglerHome(): string {
  home ??= temporaryDirectory("wrangler-home");
  return home;
}

export function wrangler(args: readonly string[], options: WranglerOptions): Promise<Ran> {
  const entry = wranglerEntry(options.package ?? "wrangler");
  const state = wranglerHome();
  mkdirSync(join(state, "tmp"), { recursive: true });
  return run(process.execPath, [...entry, ...args], {
    cwd: options.cwd,
    input: options.input,
    env: {
      PATH: process.env["PATH"] ?? "",
      LANG: "C.UTF-8",
      NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "wrangler"),
      HOME: state,
      XDG_CONFIG_HOME: join(state, "config"),
      XDG_CACHE_HOME: join(state, "cache"),
      TMPDIR: join(state, "tmp"),
      WRANGLER_LOG_PATH: join(state, "logs"),
      CLOUDFLARE_API_BASE_URL: options.corral.apiUrl,
      CLOUDFLARE_API_TOKEN: options.corral.token,
      CLOUDFLARE_ACCOUNT_ID: options.corral.accountId,
      CI: "1",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_SEND_ERROR_REPORTS: "false",
      WRANGLER_HIDE_BANNER: "true",
      NO_COLOR: "1",
      ...options.env,
    },
  });
}

const entries = new Map<string, readonly string[]>();

/** Node's flags and the script, of a release beside conformance's other releases or at the root. */
function wranglerEntry(name: string): readonly string[] {
  const known = entries.get(name);
  if (known !== undefined) return known;
  const directory = dirname(createRequire(join(root, "conformance", "package.json")).resolve(`${name}/package.json`));
  const bin = readFileSync(join(directory, "bin", "wrangler.js"), "utf8");
  const flags = ["--no-warnings", "--experimental-vm-modules"].filter((flag) => bin.includes(`"${flag}"`));
  const entry = [...flags, join(directory, "wrangler-dist", "cli.js")];
  entries.set(name, entry);
  return entry;
}

interface RunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string | Uint8Array | undefined;
}

function run(command: string, args: readonly string[], { cwd, env, input }: RunOptions): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part));
    child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
    // A command that does not read its stdin may have ended before all was written.
    child.stdin.on("error", () => undefined).end(input);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
