/**
 * usage: npm run bench -- [--json] [--only NAME]
 *
 * Prints the table of docs' promises as measured here and now. A missed goal is shown, not an error: the exit code
 * says only whether everything could be measured.
 */
import { parseArgs } from "node:util";
import { api } from "./api.ts";
import { cli } from "./cli.ts";
import { crypto } from "./crypto.ts";
import { propagation } from "./propagation.ts";
import { type Bench, formatTable, isMet, type Row } from "./rows.ts";
import { scale } from "./scale.ts";
import { storage } from "./storage.ts";
import { traffic } from "./traffic.ts";

const benches: readonly Bench[] = [crypto, storage, api, scale, traffic, propagation, cli];

const { values } = parseArgs({ options: { json: { type: "boolean" }, only: { type: "string", multiple: true } } });
const chosen = benches.filter(({ name }) => values.only?.includes(name) ?? true);
if (chosen.length === 0) {
  console.error(`bench: no bench of that name; there are: ${benches.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}

const rows: Row[] = [];
let failed = false;
for (const bench of chosen) {
  console.error(`bench: ${bench.name} …`);
  try {
    rows.push(...(await bench.run()));
  } catch (error) {
    failed = true;
    console.error(`bench: ${bench.name} could not be measured:`, error);
  }
}
const asJson = rows.map((row) => ({ ...row, met: isMet(row) }));
console.log(values.json === true ? JSON.stringify(asJson, null, 1) : formatTable(rows));
process.exitCode = failed ? 1 : 0;
