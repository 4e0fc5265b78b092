/** What esbuild is told about imports that do not go into the bundle. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Plugin } from "esbuild";
import type { FilePart } from "../client/multipart.ts";
import { globToPattern } from "./glob.ts";
import { CONTENT_TYPES, type ModuleKind, type Rule } from "./rules.ts";

/** Imported files that are no JavaScript: kept out of the bundle, named by their content so that two never collide. */
export class ModuleFiles {
  readonly parts: FilePart[] = [];
  readonly kinds: { readonly part: string; readonly kind: ModuleKind }[] = [];
  readonly #rules: readonly Rule[];
  readonly #mode: "external" | "global";

  constructor(rules: readonly Rule[], mode: "external" | "global" = "external") {
    this.#rules = rules;
    this.#mode = mode;
  }

  plugin(): Plugin {
    return {
      name: "modules",
      setup: (build) => {
        for (const rule of this.#rules.filter((one) => one.kind !== "ESModule" && one.kind !== "CommonJS")) {
          for (const glob of rule.globs) {
            build.onResolve({ filter: globToPattern(glob) }, (wanted) => {
              if (wanted.kind === "entry-point") return undefined;
              const file = resolve(wanted.resolveDir, wanted.path.replace(/\?module$/, ""));
              if (!existsSync(file)) return undefined;
              const name = this.#add(file, rule.kind);
              return this.#mode === "external" ? { path: `./${name}`, external: true } : { path: name, namespace: "global" };
            });
          }
        }
        build.onLoad({ filter: /.*/, namespace: "global" }, ({ path }) => ({ contents: `export default ${globalName(path)};` }));
      },
    };
  }

  #add(file: string, kind: ModuleKind): string {
    const bytes = readFileSync(file);
    const name = `${createHash("sha1").update(bytes).digest("hex").slice(0, 12)}-${basename(file)}`;
    if (!this.parts.some((one) => one.name === name)) {
      this.parts.push({ name, contentType: CONTENT_TYPES[kind], bytes });
      this.kinds.push({ part: name, kind });
    }
    return name;
  }
}

export function globalName(part: string): string {
  return `CORRAL_${part.replaceAll(/\W/g, "_")}`;
}

/** `import "fs"` is `node:fs` to workerd. */
export function nodeModules(): Plugin {
  return {
    name: "node-modules",
    setup(build) {
      build.onResolve({ filter: /^[a-z_]+(\/[a-z_]+)?$/ }, async (wanted) => {
        const { builtinModules } = await import("node:module");
        return builtinModules.includes(wanted.path) ? { path: `node:${wanted.path}`, external: true } : undefined;
      });
    },
  };
}
