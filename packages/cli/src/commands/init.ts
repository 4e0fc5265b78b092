import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineCommand, text } from "../args/flags.ts";
import { isTracked } from "../bulk/git-index.ts";
import { usage } from "../output/errors.ts";
import { targetFlags } from "./target.ts";

const IGNORED = [".env*", "!.env.example", ".dev.vars*", "!.dev.vars.example", "secrets.json", ".corral/"] as const;

const ENTRY = "src/index.js";
const STARTER = `export default {
  async fetch(request, env) {
    return new Response("Hello\\n");
  },
};
`;

export const init = defineCommand({
  words: "init",
  summary: "Keep files with secrets out of git; with --name also begin a config file",
  document: "{ignored: [line], config}",
  positionals: [],
  flags: {
    json: targetFlags.json,
    name: text("worker", "write wrangler.jsonc for a Worker of this name, if there is no config file"),
  },
  examples: [
    { does: "Add what is missing to .gitignore", line: "corral init" },
    { does: "Begin a project", line: "corral init --name my-worker" },
  ],
  async run(args, _positionals, { io, out }) {
    const path = join(io.cwd, ".gitignore");
    const before = existsSync(path) ? readFileSync(path, "utf8") : "";
    const there = new Set(before.split(/\r?\n/).map((line) => line.trim()));
    const missing = IGNORED.filter((line) => !there.has(line));
    if (missing.length > 0) {
      const gap = before === "" || before.endsWith("\n") ? "" : "\n";
      writeFileSync(path, `${before}${gap}# files with secrets\n${missing.join("\n")}\n`);
      out.line(`Added to .gitignore: ${missing.join(", ")}`);
    } else out.line(".gitignore has all lines already.");
    for (const name of ["secrets.json", ".env", ".env.production", ".dev.vars"]) {
      if (isTracked(join(io.cwd, name)))
        out.note(`"${name}" is tracked by git all the same: git rm --cached ${name}, and rotate its values.`);
    }
    const config = args.name === undefined ? undefined : beginConfig(io.cwd, args.name);
    if (config !== undefined) out.line(config.fresh ? `Wrote ${config.file}.` : `${config.file} is there already.`);
    if (config?.fresh === true && beginEntry(io.cwd)) out.line(`Wrote ${ENTRY}.`);
    out.document({ ignored: missing, config: config?.file });
  },
});

/** A config that names a file which is not there would fail at the first deploy. */
function beginEntry(cwd: string): boolean {
  const path = join(cwd, ENTRY);
  if (existsSync(path)) return false;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, STARTER);
  return true;
}

function beginConfig(cwd: string, name: string): { readonly file: string; readonly fresh: boolean } {
  if (!/^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(name)) {
    throw usage("A Worker's name has 1 to 63 of a-z, 0-9, _ and -, and no dash at either end.");
  }
  const existing = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"].find((one) => existsSync(join(cwd, one)));
  if (existing !== undefined) return { file: existing, fresh: false };
  const config = { name, main: ENTRY, compatibility_date: new Date().toISOString().slice(0, 10) };
  writeFileSync(join(cwd, "wrangler.jsonc"), `${JSON.stringify(config, undefined, 2)}\n`);
  return { file: "wrangler.jsonc", fresh: true };
}
