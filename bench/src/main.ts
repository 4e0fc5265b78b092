/**
 * usage: npm run bench -- [--json] [--only NAME]
 *
 * Prints the table of docs' promises as measured here and now. A missed goal is shown, not an error: the exit code
 * says only whether everything could be measured.
 *
 * Each bench has a process of its own: what one leaves in memory would make every program that a later one starts
 * slower to fork, and its collector busier.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Bench, formatTable, isMet, type Row } from "./rows.ts";

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  crypto: async () => (await import("./crypto.ts")).crypto,
  storage: async () => (await import("./storage.ts")).storage,
  api: async () => (await import("./api.ts")).api,
  scale: async () => (await import("./scale.ts")).scale,
  traffic: async () => (await import("./traffic.ts")).traffic,
  propagation: async () => (await import("./propagation.ts")).propagation,
  cli: async () => (await import("./cli.ts")).cli,
};

const { values } = parseArgs({ options: { json: { type: "boolean" }, only: { type: "string", multiple: true } } });
const chosen = Object.keys(benches).filter((name) => values.only?.includes(name) ?? true);
if (chosen.length === 0) {
  console.error(`bench: no bench of that name; there are: ${Object.keys(benches).join(", ")}`);
  process.exit(2);
}

const rows: Row[] = [];
for (const name of chosen) {
  const measured = chosen.length === 1 ? await run(name) : runApart(name);
  if (measured === undefined) process.exitCode = 1;
  else rows.push(...measured);
}
const asJson = rows.map((row) => ({ ...row, met: isMet(row) }));
console.log(values.json === true ? JSON.stringify(asJson, null, 1) : formatTable(rows));

async function run(name: string): Promise<readonly Row[] | undefined> {
  console.error(`bench: ${name} …`);
  try {
    return await (await benches[name]?.())?.run();
  } catch (error) {
    console.error(`bench: ${name} could not be measured:`, error);
    return undefined;
  }
}

function runApart(name: string): readonly Row[] | undefined {
  const args = [fileURLToPath(import.meta.url), "--json", "--only", name];
  const ended = spawnSync(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
  return ended.status === 0 ? (JSON.parse(ended.stdout) as Row[]) : undefined;
}
