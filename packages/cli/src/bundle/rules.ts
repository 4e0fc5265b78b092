/** Which files are modules of which kind (wrangler's defaults), and their content types on the wire (wire.md 5.1). */
export type ModuleKind = "ESModule" | "CommonJS" | "CompiledWasm" | "Text" | "Data";

export interface Rule {
  readonly kind: ModuleKind;
  readonly globs: readonly string[];
}

export const CONTENT_TYPES: Readonly<Record<ModuleKind, string>> = {
  ESModule: "application/javascript+module",
  CommonJS: "application/javascript",
  CompiledWasm: "application/wasm",
  Text: "text/plain",
  Data: "application/octet-stream",
};

export const defaultRules: readonly Rule[] = [
  { kind: "Text", globs: ["**/*.txt", "**/*.html", "**/*.sql"] },
  { kind: "Data", globs: ["**/*.bin"] },
  { kind: "CompiledWasm", globs: ["**/*.wasm", "**/*.wasm?module"] },
];
