/** What is uploaded, from the config and the options: code, settings, and bindings other than stored secrets. */
import type { JsonValue } from "@corral/base";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Bundle, bundleWorker } from "../../bundle/bundle.ts";
import { defaultRules } from "../../bundle/rules.ts";
import type { FilePart } from "../../client/multipart.ts";
import type { Config } from "../../config/config.ts";
import { Failure, usage } from "../../output/errors.ts";
import { grouped } from "../../output/words.ts";
import type { Cli } from "../../cli.ts";
import type { UploadArgs } from "./flags.ts";

export interface ProjectUpload {
  readonly bundle: Bundle;
  /** Bindings that the config and the options state; no secrets among them. */
  readonly bindings: readonly { readonly name: string; readonly [key: string]: unknown }[];
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly files: readonly FilePart[];
  /** Whole bytes of all parts. */
  readonly size: number;
}

export async function readProject(
  script: string | undefined,
  args: UploadArgs,
  config: Config | undefined,
  cli: Cli,
): Promise<ProjectUpload> {
  refuseUnsupported(config);
  const main = script === undefined ? config?.main : resolve(cli.io.cwd, script);
  if (main === undefined) throw usage("There is no entry file. Name it in the config (main), or on the command line.");
  const compatibilityFlags = [...new Set([...(config?.compatibilityFlags ?? []), ...args["compatibility-flags"]])];
  const compatibilityDate = chooseDate(args, config);
  const rules = [...(config?.rules ?? []).map((one) => ({ kind: one.type, globs: one.globs })), ...defaultRules];
  const bundle = await bundleWorker({
    main,
    cwd: cli.io.cwd,
    rules,
    define: { ...config?.define, ...pairs(args.define, "--define") },
    alias: { ...config?.alias, ...pairs(args.alias, "--alias") },
    minify: args.minify ?? config?.minify ?? false,
    sourceMaps: args["upload-source-maps"] ?? config?.uploadSourceMaps ?? false,
    tsconfig: args.tsconfig === undefined ? config?.tsconfig : resolve(cli.io.cwd, args.tsconfig),
    nodejsCompat: compatibilityFlags.some((flag) => flag.startsWith("nodejs_compat")),
    noBundle: args.bundle === false || (args.bundle === undefined && (config?.noBundle ?? false)),
  });
  for (const warning of bundle.warnings) cli.out.note(warning);
  const blobs = blobBindings(config);
  const variables = { ...config?.vars, ...pairs(args.var, "--var") };
  const bindings = [
    ...Object.entries(variables).map(variable),
    ...otherBindings(config),
    ...bundle.fileBindings,
    ...blobs.bindings,
  ];
  const files = [...bundle.parts, ...blobs.parts];
  const size = files.reduce((sum, one) => sum + one.bytes.length, 0);
  cli.out.note(`${files.length === 1 ? "One module" : `${files.length} modules`}, ${grouped(size)} bytes`);
  if (args.outdir !== undefined) writeParts(resolve(cli.io.cwd, args.outdir), files);
  return { bundle, bindings, compatibilityDate, compatibilityFlags, files, size };
}

function refuseUnsupported(config: Config | undefined): void {
  const unsupported = config?.unsupported ?? [];
  if (unsupported.length === 0) return;
  throw new Failure(`The config file ${config?.shown} asks for what Corral does not have.`, {
    places: unsupported.map((one) => one.place),
    hints: ["Take it out; stock wrangler uploads it to servers that have it."],
  });
}

function chooseDate(args: UploadArgs, config: Config | undefined): string {
  const today = new Date().toISOString().slice(0, 10);
  const date = args["compatibility-date"] ?? (args.latest === true ? today : config?.compatibilityDate);
  if (date === undefined) {
    throw usage(
      "There is no compatibility date.",
      `Put it into the config: compatibility_date = "${today}"`,
      "Or for once: --latest",
    );
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) throw usage("--compatibility-date takes a date like 2026-01-31.");
  return date;
}

/** `name:value`; a value may hold colons. */
function pairs(words: readonly string[], option: string): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const colon = word.indexOf(":");
      if (colon < 1) throw usage(`${option} takes name:value.`);
      return [word.slice(0, colon), word.slice(colon + 1)];
    }),
  );
}

function variable([name, value]: readonly [string, JsonValue]) {
  return typeof value === "string" ? { name, type: "plain_text", text: value } : { name, type: "json", json: value };
}

function otherBindings(config: Config | undefined) {
  const metadata = config?.versionMetadata === undefined ? [] : [{ name: config.versionMetadata, type: "version_metadata" }];
  return [...(config?.services ?? []).map((one) => ({ ...one, type: "service" })), ...metadata];
}

const BLOBS = [
  ["wasmModules", "wasm_module", "application/wasm"],
  ["textBlobs", "text_blob", "text/plain"],
  ["dataBlobs", "data_blob", "application/octet-stream"],
] as const;

function blobBindings(config: Config | undefined) {
  const parts: FilePart[] = [];
  const bindings: { name: string; type: string; part: string }[] = [];
  for (const [key, type, contentType] of BLOBS) {
    for (const [name, path] of Object.entries(config?.[key] ?? {})) {
      const part = `__${name}`;
      try {
        parts.push({ name: part, contentType, bytes: readFileSync(path) });
      } catch {
        throw new Failure(`The file of the binding ${name} cannot be read.`);
      }
      bindings.push({ name, type, part });
    }
  }
  return { parts, bindings };
}

function writeParts(folder: string, parts: readonly FilePart[]): void {
  for (const part of parts) {
    const path = join(folder, part.name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, part.bytes);
  }
}
