/** A wrangler project in a temporary directory. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "./paths.ts";

export interface ProjectOptions {
  readonly name: string;
  /** The main module's source. */
  readonly code: string;
  /** Merged into the configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Further files by their path in the project. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

export class Project implements Disposable {
  readonly path = temporaryDirectory("project");
  readonly name: string;
  #config: Readonly<Record<string, unknown>>;

  constructor(options: ProjectOptions) {
    this.name = options.name;
    this.#config = { name: options.name, main: "index.js", compatibility_date: "2026-11-01", ...options.config };
    this.write("index.js", options.code);
    this.configure({});
    for (const [path, content] of Object.entries(options.files ?? {})) this.write(path, content);
  }

  write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(this.path, path)), { recursive: true });
    writeFileSync(join(this.path, path), content);
  }

  /** Changes the configuration; undefined removes a key. */
  configure(changes: Readonly<Record<string, unknown>>): void {
    this.#config = { ...this.#config, ...changes };
    this.write("wrangler.jsonc", JSON.stringify(this.#config));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
