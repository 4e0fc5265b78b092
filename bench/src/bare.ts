/** The bare server as a child process. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SERVER = fileURLToPath(import.meta.resolve("./bare-server.ts"));

export interface BareServer extends AsyncDisposable {
  readonly port: number;
}

export async function startBareServer(): Promise<BareServer> {
  const child = spawn(process.execPath, [SERVER], { env: {}, stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return {
    port: Number(line),
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
    },
  };
}
