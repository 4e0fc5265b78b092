/** Stock workerd with one Worker on a socket of its own: the floor under every request that passes a router. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

const require = createRequire(import.meta.url);
const { default: binary } = require("workerd") as { readonly default: string };

/** What Corral gives its own processes, so that only the router differs (dataplane.md 2). */
const V8_FLAGS = '["--max-semi-space-size=2"]';

export interface DirectWorkerd extends AsyncDisposable {
  readonly port: number;
}

export async function startDirectWorkerd(source: string, compatibilityDate: string): Promise<DirectWorkerd> {
  const folder = mkdtempSync(join(tmpdir(), "corral-bench-"));
  writeFileSync(join(folder, "worker.js"), source);
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = ${V8_FLAGS},
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")], compatibilityDate = "${compatibilityDate}"))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]);
`,
  );
  const child = spawn(binary, ["serve", "--control-fd=3", join(folder, "config.capnp")], {
    env: {},
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  const dispose = async (): Promise<void> => {
    await stop(child);
    rmSync(folder, { recursive: true });
  };
  try {
    return { port: await listeningPort(child), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function listeningPort(child: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
    const event = JSON.parse(line) as { readonly event?: string; readonly socket?: string; readonly port?: number };
    if (event.event === "listen" && event.socket === "http" && event.port !== undefined) return event.port;
  }
  throw new Error("workerd ended before it listened");
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
