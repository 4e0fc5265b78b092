/** The router as one module, bundled at start: there is no build step that could be forgotten. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ENTRY = fileURLToPath(new URL("router.worker.ts", import.meta.url));

let bundled: Promise<string> | undefined;

/** JavaScript source; made once per process. */
export function bundleRouter(): Promise<string> {
  bundled ??= build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:workers"],
    logLevel: "silent",
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? "");
  return bundled;
}
