/** The published program as a child process: bundled once per test file, run by any Node. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..", "..", "..");

/** The folder of a fresh bundle. */
export function bundleProgram(): string {
  const folder = mkdtempSync(join(tmpdir(), "corral-bundle-"));
  execFileSync(process.execPath, [join(root, "tools", "bundle-cli.ts"), folder], { stdio: "pipe" });
  // What an installation brings: esbuild.
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

export interface ProgramOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** For --fd 3. */
  readonly descriptor?: string | Uint8Array;
  readonly node?: string;
  readonly onStart?: (pid: number) => void;
}

export interface ProgramEnded {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function runProgram(bundle: string, args: readonly string[], options: ProgramOptions): Promise<ProgramEnded> {
  return new Promise((resolve, reject) => {
    const child = spawn(options.node ?? process.execPath, [join(bundle, "bin", "corral.cjs"), ...args], {
      cwd: options.cwd,
      env: { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", ...options.env },
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    });
    if (child.pid !== undefined) options.onStart?.(child.pid);
    const [stdin, stdout, stderr, third] = child.stdio;
    let out = "";
    let err = "";
    stdout?.setEncoding("utf8").on("data", (part: string) => (out += part));
    stderr?.setEncoding("utf8").on("data", (part: string) => (err += part));
    // A command that does not read its input may have ended before all was written.
    for (const [pipe, bytes] of [
      [stdin, options.input],
      [third, options.descriptor],
    ] as const) {
      if (pipe !== null && pipe !== undefined && "write" in pipe) pipe.on("error", () => undefined).end(bytes);
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout: out, stderr: err }));
  });
}
