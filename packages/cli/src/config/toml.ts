/** wrangler.toml. */
import type { JsonObject, JsonPosition } from "@corral/base";
import { parse, TomlError } from "smol-toml";
import type { ParsedConfig } from "./source.ts";

export function parseToml(text: string): ParsedConfig {
  try {
    const value = parse(text) as unknown as JsonObject;
    return { ok: true, value, locate: (path) => locate(text, path) };
  } catch (error) {
    // The library's text quotes the file; only its place is told.
    const at = error instanceof TomlError ? { line: error.line, column: error.column } : { line: 1, column: 1 };
    return { ok: false, mistakes: [{ ...at, problem: "not valid TOML" }] };
  }
}

const HEADER = /^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$/;
const ENTRY = /^(\s*)([\w."' -]+?)(\s*=\s*)/;

/**
 * The parser keeps no places, so this finds the line that sets a path: tables and keys as they are usually written.
 * What it does not find (inline tables, several lines) it places at the entry around it.
 */
function locate(text: string, path: readonly (string | number)[]): JsonPosition {
  const wanted = path.filter((part) => typeof part === "string");
  let best: { readonly depth: number; readonly at: JsonPosition } = { depth: 0, at: { line: 1, column: 1 } };
  let table: string[] = [];
  for (const [index, line] of text.split(/\r\n|\n/).entries()) {
    const header = HEADER.exec(line);
    const entry = header ? null : ENTRY.exec(line);
    const key = header ? keys(header[1] ?? "") : entry ? [...table, ...keys(entry[2] ?? "")] : undefined;
    if (header) table = key ?? [];
    if (key === undefined || key.length > wanted.length || !key.every((part, at) => part === wanted[at])) continue;
    const column = entry ? entry[0].length + 1 : line.indexOf("[") + 1;
    if (key.length > best.depth) best = { depth: key.length, at: { line: index + 1, column } };
  }
  return best.at;
}

function keys(dotted: string): string[] {
  return [...dotted.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? "");
}
