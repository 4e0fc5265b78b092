/** Mutated bulk files with canaries beside the mistake: always a place, never content, never a stack trace. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyDirectory, runCli } from "../testing/run-cli.ts";

const runs = process.env["CORRAL_TEST_LONG"] === "1" ? 5000 : 300;
/** Nothing listens there, and nothing may be asked. */
const env = { CLOUDFLARE_API_BASE_URL: "http://127.0.0.1:9/client/v4", CLOUDFLARE_API_TOKEN: "t", CLOUDFLARE_ACCOUNT_ID: "a" };
const cwd = emptyDirectory();

const canary = fc.stringMatching(/^[A-Za-z0-9]{16}$/).map((word) => `cnry${word}`);
const cut = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom("delete", "insert", "swap", "end"),
});
const junk = fc.constantFrom(
  '"',
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  "\\",
  "'",
  "`",
  "=",
  "\n",
  " ",
  "#",
  "\u0007",
  "1",
  "null",
  "true",
  "\\u12",
);

function mutate(
  text: string,
  edits: readonly { readonly at: number; readonly kind: string }[],
  pieces: readonly string[],
): string {
  let mutated = text;
  for (const [index, { at, kind }] of edits.entries()) {
    const place = Math.floor(at * mutated.length);
    const piece = pieces[index % pieces.length] ?? "";
    if (kind === "delete") mutated = mutated.slice(0, place) + mutated.slice(place + 1);
    else if (kind === "insert") mutated = mutated.slice(0, place) + piece + mutated.slice(place);
    else if (kind === "swap") mutated = mutated.slice(0, place) + piece + mutated.slice(place + 1);
    else mutated = mutated.slice(0, place);
  }
  return mutated;
}

const mistake = fc.tuple(fc.array(cut, { minLength: 1, maxLength: 3 }), fc.array(junk, { minLength: 1, maxLength: 3 }));

/** What is wrong with what was printed. A file that is still good after its edits is only looked through. */
function faultsOf(screen: string, canaries: readonly string[], place: RegExp): string[] {
  const faults: string[] = [];
  for (const one of canaries) {
    for (let at = 4; at + 6 <= one.length; at += 1) if (screen.includes(one.slice(at, at + 6))) faults.push("content is shown");
  }
  if (/\n\s+at |Error:|stumbled/.test(screen)) faults.push("a stack trace or a mistake of our own");
  const [first = "", second = ""] = screen.split("\n");
  if (first.startsWith("🌀") || first.startsWith("error: No ")) return faults;
  if (!/^error: (The contents of |\d+ entries in )/.test(first)) faults.push("no known refusal");
  if (!/ has a NUL | is not UTF-8 /.test(first) && !place.test(second)) faults.push("no place");
  return faults;
}

test("JSON", async () => {
  const file = fc.array(canary, { minLength: 3, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(file, mistake, async ([a = "", b = "", c = ""], [edits, pieces]) => {
      const text = mutate(JSON.stringify({ A: a, B: b, C: c }, undefined, 2), edits, pieces);
      const ended = await runCli(["secret", "bulk", "--name", "w", "--input-format", "json"], { env, cwd, stdin: text });
      expect(ended.code).toBe(1);
      expect(faultsOf(ended.screen, [a, b, c], /^ {2}standard input:\d+:\d+ {2}\S/)).toEqual([]);
    }),
    { numRuns: runs },
  );
});

test(".env", async () => {
  const file = fc.array(canary, { minLength: 3, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(file, mistake, async ([a = "", b = "", c = ""], [edits, pieces]) => {
      const text = mutate(`A=${a}\nB="${b}"\nexport C='${c}'\n`, edits, pieces);
      const ended = await runCli(["secret", "bulk", "--name", "w", "--input-format", "env"], { env, cwd, stdin: text });
      expect(ended.code).toBe(1);
      expect(faultsOf(ended.screen, [a, b, c], /^ {2}standard input:\d+ {2}\S/)).toEqual([]);
    }),
    { numRuns: runs },
  );
});
