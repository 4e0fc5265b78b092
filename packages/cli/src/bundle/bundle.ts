/**
 * A Worker's source to the modules of an upload, with esbuild. Without a bundle (`--no-bundle`) the files go as they are.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import type { BuildOptions, BuildResult, Message, Metafile, OutputFile, Plugin } from "esbuild";
import type { FilePart } from "../client/multipart.ts";
import { Failure } from "../output/errors.ts";
import { shownPath } from "../config/source.ts";
import { globToPattern } from "./glob.ts";
import { globalName, ModuleFiles, nodeModules } from "./plugins.ts";
import { CONTENT_TYPES, defaultRules, type ModuleKind, type Rule } from "./rules.ts";

export interface BundleInput {
  /** Absolute. */
  readonly main: string;
  readonly cwd: string;
  readonly rules: readonly Rule[];
  readonly define: Readonly<Record<string, string>>;
  readonly alias: Readonly<Record<string, string>>;
  readonly minify: boolean;
  readonly sourceMaps: boolean;
  readonly tsconfig: string | undefined;
  readonly nodejsCompat: boolean;
  readonly noBundle: boolean;
}

export interface Bundle {
  /** The part that is loaded first. */
  readonly main: string;
  readonly syntax: "module" | "service-worker";
  readonly parts: readonly FilePart[];
  /** Service-worker syntax has no imports: its other files are bindings. */
  readonly fileBindings: readonly { readonly name: string; readonly type: string; readonly part: string }[];
  readonly warnings: readonly string[];
}

export async function bundleWorker(input: BundleInput): Promise<Bundle> {
  if (!existsSync(input.main)) {
    throw new Failure(`The entry file ${shownPath(input.cwd, input.main)} does not exist.`, {
      hints: ['Name it in the config ("main"), or on the command line.'],
    });
  }
  if (input.noBundle) return unbundled(input);
  const files = new ModuleFiles(input.rules);
  const built = await runBuild(input, files);
  const output = built.outputFiles.find((one) => one.path.endsWith(".js"));
  if (output === undefined) throw new Failure("Bundling made no output.");
  const syntax = exportsOf(built.metafile).length > 0 ? "module" : "service-worker";
  const warnings = built.warnings.map((one) => describe(one, input));
  if (syntax === "service-worker") return serviceWorker(input, files, output, warnings);
  const name = `${basename(input.main).replace(/\.[^.]+$/, "")}.js`;
  const parts: FilePart[] = [{ name, contentType: CONTENT_TYPES.ESModule, bytes: renamedMap(output, name) }, ...files.parts];
  const map = built.outputFiles.find((one) => one.path.endsWith(".js.map"));
  if (map !== undefined) parts.push({ name: `${name}.map`, contentType: "application/source-map", bytes: map.contents });
  return { main: name, syntax, parts, fileBindings: [], warnings };
}

/** The comment at the end names the map by the name that esbuild gave the output. */
function renamedMap(output: OutputFile, name: string): Uint8Array {
  return Buffer.from(output.text.replace(/\/\/# sourceMappingURL=[^\n]*\n?$/, `//# sourceMappingURL=${name}.map\n`));
}

type Built = BuildResult<{ write: false; metafile: true }>;

async function runBuild(input: BundleInput, files: ModuleFiles, more: BuildOptions = {}): Promise<Built> {
  const esbuild = await loadEsbuild();
  const plugins: Plugin[] = [files.plugin()];
  if (input.nodejsCompat) plugins.push(nodeModules());
  try {
    return await esbuild.build({
      entryPoints: [input.main],
      absWorkingDir: dirname(input.main),
      outfile: "out.js",
      bundle: true,
      format: "esm",
      target: "es2024",
      platform: "neutral",
      conditions: ["workerd", "worker", "browser"],
      mainFields: ["browser", "module", "main"],
      loader: { ".js": "jsx", ".mjs": "jsx", ".cjs": "jsx" },
      external: ["cloudflare:*", "node:*"],
      define: { "process.env.NODE_ENV": '"production"', ...input.define },
      alias: { ...input.alias },
      keepNames: true,
      minify: input.minify,
      sourcemap: input.sourceMaps ? "linked" : false,
      sourcesContent: false,
      logLevel: "silent",
      plugins,
      ...(input.tsconfig === undefined ? {} : { tsconfig: resolve(dirname(input.main), input.tsconfig) }),
      ...more,
      write: false,
      metafile: true,
    });
  } catch (error) {
    throw buildFailure(error, input);
  }
}

async function loadEsbuild() {
  try {
    return await import("esbuild");
  } catch {
    throw new Failure("Bundling needs esbuild, which is not installed beside corral.", {
      hints: ["Install corral with its dependencies, or upload the code as it is: --no-bundle"],
    });
  }
}

function buildFailure(error: unknown, input: BundleInput): Failure {
  const errors = (error as { readonly errors?: readonly Message[] }).errors ?? [];
  if (errors.length === 0) return new Failure("Bundling failed: esbuild could not be started.");
  return new Failure(`Bundling failed with ${errors.length === 1 ? "an error" : `${errors.length} errors`}.`, {
    places: errors.slice(0, 10).map((one) => describe(one, input)),
  });
}

/** `src/index.ts:3:7  Could not resolve "x"`; esbuild's excerpt of the line is left out. */
function describe(message: Message, input: BundleInput): string {
  const { location, text } = message;
  if (location === null) return text;
  return `${shownPath(input.cwd, resolve(dirname(input.main), location.file))}:${location.line}:${location.column + 1}  ${text}`;
}

function exportsOf(metafile: Metafile): readonly string[] {
  return Object.values(metafile.outputs).find((one) => one.entryPoint !== undefined)?.exports ?? [];
}

/** Bundled once more, as one script: an imported file becomes a global of the binding's name. */
async function serviceWorker(
  input: BundleInput,
  seen: ModuleFiles,
  first: OutputFile,
  warnings: readonly string[],
): Promise<Bundle> {
  if (seen.parts.length === 0) {
    const parts = [{ name: "script", contentType: "application/javascript", bytes: first.contents }];
    return { main: "script", syntax: "service-worker", parts, fileBindings: [], warnings };
  }
  const files = new ModuleFiles(input.rules, "global");
  const built = await runBuild(input, files, { format: "iife", sourcemap: false });
  const script = built.outputFiles[0];
  const parts = [
    { name: "script", contentType: "application/javascript", bytes: script?.contents ?? new Uint8Array() },
    ...files.parts,
  ];
  const types: Partial<Record<ModuleKind, string>> = { CompiledWasm: "wasm_module", Text: "text_blob", Data: "data_blob" };
  const fileBindings = files.kinds.map(({ part, kind }) => ({ name: globalName(part), type: types[kind] ?? "data_blob", part }));
  return { main: "script", syntax: "service-worker", parts, fileBindings, warnings };
}

/** The entry file and, where the config has rules, the files below it that match one. */
async function unbundled(input: BundleInput): Promise<Bundle> {
  const root = dirname(input.main);
  const main = basename(input.main);
  const text = readFileSync(input.main);
  const { findFiles } = await import("./files.ts");
  const parts: FilePart[] = [{ name: main, contentType: CONTENT_TYPES.ESModule, bytes: text }];
  const own = input.rules.filter((one) => !defaultRules.includes(one));
  for (const file of own.length === 0 ? [] : findFiles(root)) {
    const name = relative(root, file).replaceAll("\\", "/");
    const rule = own.find((one) => one.globs.some((glob) => globToPattern(glob).test(name)));
    if (rule !== undefined && name !== main)
      parts.push({ name, contentType: CONTENT_TYPES[rule.kind], bytes: readFileSync(file) });
  }
  return { main, syntax: "module", parts, fileBindings: [], warnings: [] };
}
