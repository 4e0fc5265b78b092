/**
 * The last net: what a Worker prints or throws passes here before anybody reads it. Corral's own words never need it.
 *
 * It finds a value in the forms of needles.ts. It cannot find one that the Worker encrypted, split, reversed or
 * encoded twice.
 */
import { utf8 } from "@corral/base";
import { buildAutomaton } from "./automaton.ts";
import { type Interval, mergeIntervals } from "./intervals.ts";
import { needlesFor, type Secret, type Uncovered } from "./needles.ts";
import { RedactionStream } from "./stream.ts";
import { type Windows, windowsOf } from "./windows.ts";

/** Bytes in, bytes out; what came in is all out after `end`. Call `idle` after a pause. Chunks are not kept. */
export interface StreamRedactor {
  write(chunk: Uint8Array): Uint8Array;
  /** Lets out what waits for more; a match that is under way goes on. */
  idle(): Uint8Array;
  /** As `idle`, and the next write begins a new text. */
  end(): Uint8Array;
}

export interface Redactor {
  /** A whole text. A beginning of a value at its very end is covered from 8 bytes on: the text may have been cut there. */
  text(text: string): string;
  /** For short texts that Corral passes on: as `text`, and every window of 6 bytes of a value is covered too. */
  strict(text: string): string;
  stream(): StreamRedactor;
  readonly uncovered: readonly Uncovered[];
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** One per Worker generation, with the secrets of that generation alone. */
export function createRedactor(secrets: readonly Secret[]): Redactor {
  const { patterns, uncovered } = needlesFor(secrets);
  const markers = secrets.map(({ name }) => utf8(`[REDACTED:${name}]`));
  const automaton = buildAutomaton(patterns);
  const stream = (): RedactionStream => new RedactionStream(automaton, markers);
  let windows: Windows | undefined;

  const text = (given: string): string => {
    const bytes = utf8(given);
    return covered(given, bytes, RedactionStream.find(automaton, bytes), secrets);
  };
  const strict = (given: string): string => {
    windows ??= windowsOf(secrets);
    const bytes = utf8(given);
    return covered(given, bytes, [...RedactionStream.find(automaton, bytes), ...windows.find(bytes)], secrets);
  };
  return { text, strict, stream, uncovered };
}

function covered(given: string, bytes: Uint8Array, intervals: readonly Interval[], secrets: readonly Secret[]): string {
  if (intervals.length === 0) return given;
  let text = "";
  let at = 0;
  for (const { start, end, secret } of mergeIntervals(intervals)) {
    text += `${decoder.decode(bytes.subarray(at, start))}[REDACTED:${secrets[secret]?.name ?? ""}]`;
    at = end;
  }
  return text + decoder.decode(bytes.subarray(at));
}
