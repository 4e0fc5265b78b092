/**
 * The doors between rooms. A room imports only what its package.json declares, only through the other room's entry,
 * and what is dangerous is touched in one room only. TypeScript's project references and knip both let an undeclared
 * workspace import pass, so this script reads the import specifiers itself.
 *
 * usage: node tools/check-doors.ts        prints one line per fault, exits 1 if there is one
 */
import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { findImports, stripComments } from "./imports.ts";
import { isTest, roomRules } from "./room-rules.ts";

export interface Source {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Room {
  /** `packages/base`, `conformance`, or `.` for what belongs to no room. */
  readonly folder: string;
  readonly name: string;
  readonly doors: ReadonlySet<string>;
}

const builtins = new Set(builtinModules);

/** The package a specifier names: `@corral/base`, `hono`; undefined for a relative or built-in one. */
function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith(".") || specifier.startsWith("node:") || specifier.startsWith("cloudflare:")) return undefined;
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
}

export function roomOf(path: string, rooms: readonly Room[]): Room | undefined {
  return (
    rooms.find((room) => room.folder !== "." && path.startsWith(`${room.folder}/`)) ?? rooms.find((room) => room.folder === ".")
  );
}

/** Faults of one file's imports. */
function importFaults(source: Source, room: Room, rooms: readonly Room[], tools: ReadonlySet<string>): string[] {
  const faults: string[] = [];
  for (const specifier of findImports(source.text)) {
    if (specifier.startsWith(".")) {
      const target = relative(".", join(dirname(source.path), specifier)).replaceAll("\\", "/");
      const other = roomOf(target, rooms);
      if (other !== room) faults.push(`${source.path}: imports an inner file of ${other?.name ?? "another room"}`);
      continue;
    }
    const name = packageOf(specifier);
    if (name === undefined || name === room.name) continue;
    if (builtins.has(name)) {
      faults.push(`${source.path}: writes "${name}" without node:`);
      continue;
    }
    const allowed = room.doors.has(name) || (isTest(source.path) && (tools.has(name) || name === "@corral/testkit"));
    if (!allowed) faults.push(`${source.path}: imports ${name}, which ${room.folder}/package.json does not declare`);
    if (name.startsWith("@corral/") && specifier !== name) faults.push(`${source.path}: goes past the entry of ${name}`);
  }
  return faults;
}

export function checkDoors(sources: readonly Source[], rooms: readonly Room[], tools: ReadonlySet<string>): string[] {
  const faults: string[] = [];
  for (const source of sources) {
    const room = roomOf(source.path, rooms);
    if (room === undefined) continue;
    faults.push(...importFaults(source, room, rooms, tools));
    const code = stripComments(source.text);
    for (const rule of roomRules) {
      if (rule.applies(source.path) && rule.finds.test(code)) faults.push(`${source.path}: ${rule.says}`);
    }
  }
  return faults;
}

interface PackageFile {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function readPackage(path: string): PackageFile {
  // The repository's own files: no foreign input.
  return JSON.parse(readFileSync(path, "utf8")) as PackageFile;
}

export function readRepository(root: string): { sources: Source[]; rooms: Room[]; tools: Set<string> } {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" }).split("\n");
  const rooms: Room[] = [];
  for (const path of listed.filter((file) => file.endsWith("package.json") && !file.startsWith("examples/"))) {
    const file = readPackage(join(root, path));
    const all = { ...file.dependencies, ...file.optionalDependencies, ...file.peerDependencies, ...file.devDependencies };
    rooms.push({ folder: dirname(path), name: file.name, doors: new Set(Object.keys(all)) });
  }
  const sources: Source[] = [];
  const code = /^(packages|conformance|bench|tools)\/.*\.ts$/;
  // This script's own test quotes faults.
  for (const path of listed.filter((file) => code.test(file) && file !== "tools/check-doors.test.ts")) {
    try {
      sources.push({ path, text: readFileSync(join(root, path), "utf8") });
    } catch {
      // Listed and just deleted.
    }
  }
  return { sources, rooms, tools: rooms.find((room) => room.folder === ".")?.doors as Set<string> };
}

if (import.meta.main) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const { sources, rooms, tools } = readRepository(root);
  const faults = checkDoors(sources, rooms, tools);
  for (const fault of faults) console.error(fault);
  console.log(`doors: ${sources.length} files, ${faults.length} faults`);
  if (faults.length > 0) process.exit(1);
}
