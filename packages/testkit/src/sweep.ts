/**
 * The canary sweep: every place that a run left behind is searched for every window of every canary, in the forms of
 * security research (raw, JSON, URI, base64 at three offsets, base64url, hex, reversed).
 *
 * A finding says where and in which form, and never what: it will be printed.
 */
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Canary } from "./canaries.ts";
import { commandLine, processTree } from "./process-tree.ts";

export type Place =
  /** Everything below it: databases, WAL, logs, temporary files. */
  | { readonly directory: string }
  /** `short`: a text that Corral itself passes on, where windows of 6 bytes count. */
  | { readonly what: string; readonly text: string | Uint8Array; readonly short?: boolean }
  /** Arguments and environment of the process and of all below it. */
  | { readonly pid: number };

export interface Finding {
  readonly place: string;
  readonly canary: string;
  readonly form: string;
  readonly offset: number;
}

interface Needle {
  readonly bytes: Buffer;
  readonly canary: string;
  readonly form: string;
}

/** At most one finding for each canary, form and place. */
export function sweep(canaries: readonly Canary[], places: readonly Place[]): Finding[] {
  return createSweep(canaries)(places);
}

/** For several sweeps of the same canaries. */
export function createSweep(canaries: readonly Canary[]): (places: readonly Place[]) => Finding[] {
  const search = searchFor(canaries, 8);
  let searchShort: Search | undefined;
  return (places) => {
    const findings: Finding[] = [];
    for (const place of places) {
      if ("text" in place && place.short === true) {
        searchShort ??= searchFor(canaries, 6);
        findings.push(...searchShort(place.what, Buffer.from(place.text)));
      } else {
        for (const [what, bytes] of contentsOf(place)) findings.push(...search(what, bytes));
      }
    }
    return findings;
  };
}

function* contentsOf(place: Place): Generator<readonly [string, Buffer]> {
  if ("text" in place) yield [place.what, Buffer.from(place.text)];
  else if ("directory" in place) yield* filesBelow(place.directory);
  else {
    for (const pid of processTree(place.pid)) {
      const name = commandLine(pid).split(" ").slice(0, 3).join(" ");
      for (const file of ["cmdline", "environ"]) {
        const bytes = readIfThere(`/proc/${pid}/${file}`);
        if (bytes !== undefined) yield [`${file} of ${name}`, bytes];
      }
    }
  }
}

function* filesBelow(directory: string): Generator<readonly [string, Buffer]> {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    yield [`the name of ${directory}/…`, Buffer.from(name)];
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) yield* filesBelow(path);
    const bytes = stat?.isFile() === true ? readIfThere(path) : undefined;
    if (bytes !== undefined) yield [path, bytes];
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

type Search = (place: string, haystack: Buffer) => Finding[];

/** One pass over a haystack: the first three bytes of a needle are looked up in a bitmap, the rest is compared. */
function searchFor(canaries: readonly Canary[], window: number): Search {
  const starts = new Uint8Array(1 << 24);
  const byStart = new Map<number, Needle[]>();
  for (const needle of canaries.flatMap((canary) => needlesOf(canary, window))) {
    const key = needle.bytes.readUIntBE(0, 3);
    starts[key] = 1;
    const same = byStart.get(key);
    if (same === undefined) byStart.set(key, [needle]);
    else same.push(needle);
  }
  return (place, haystack) => {
    const findings = new Map<string, Finding>();
    for (let offset = 0; offset + 3 <= haystack.length; offset += 1) {
      const key = ((haystack[offset] ?? 0) << 16) | ((haystack[offset + 1] ?? 0) << 8) | (haystack[offset + 2] ?? 0);
      if (starts[key] === 0) continue;
      for (const { bytes, canary, form } of byStart.get(key) ?? []) {
        const found = `${canary} ${form}`;
        const end = offset + bytes.length;
        if (findings.has(found) || end > haystack.length || haystack.compare(bytes, 0, bytes.length, offset, end) !== 0) continue;
        findings.set(found, { place, canary, form, offset });
      }
    }
    return [...findings.values()];
  };
}

/** Windows of `window` bytes, and what stands for as many bytes in each encoding. */
function needlesOf({ name, value, cores }: Canary, window: number): Needle[] {
  const needles = new Map<string, Needle>();
  const add = (form: string, text: string | Uint8Array, length: number): void => {
    const bytes = Buffer.from(text);
    for (let at = 0; at + length <= bytes.length; at += 1) {
      const part = bytes.subarray(at, at + length);
      const key = part.toString("latin1");
      if (!needles.has(key)) needles.set(key, { bytes: part, canary: name, form });
    }
  };
  for (const core of cores) {
    add("raw", core, window);
    add("reversed", Buffer.from(core).toReversed(), window);
    const hex = Buffer.from(core).toString("hex");
    add("hex", hex, window * 2);
    add("hex", hex.toUpperCase(), window * 2);
    for (const before of [0, 1, 2]) {
      const bits = before * 8;
      const shifted = Buffer.concat([Buffer.alloc(before), Buffer.from(core)]);
      const sure = [Math.ceil(bits / 6), Math.floor((shifted.length * 8) / 6)] as const;
      add("base64", shifted.toString("base64").slice(...sure), Math.floor((window * 8) / 6));
      add("base64url", shifted.toString("base64url").slice(...sure), Math.floor((window * 8) / 6));
    }
  }
  for (const [form, text] of [
    ["whole", value],
    ["JSON", JSON.stringify(value).slice(1, -1)],
    ["JSON twice", JSON.stringify(JSON.stringify(value)).slice(3, -3)],
    ["URI", encodeURIComponent(value)],
    ["form", new URLSearchParams({ v: value }).toString().slice(2)],
  ] as const) {
    add(form, text, Buffer.byteLength(text));
  }
  return [...needles.values()];
}
