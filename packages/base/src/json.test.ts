import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type JsonProblem, parseJson, parseJsonWithPositions } from "./json.ts";
import { utf8 } from "./bytes.ts";

function problemOf(input: string | Uint8Array, maxDepth?: number): JsonProblem {
  const result = parseJson(input, maxDepth === undefined ? {} : { maxDepth });
  if (result.ok) throw new Error("expected a problem");
  return result.error;
}

function valueOf(input: string | Uint8Array): unknown {
  const result = parseJson(input);
  if (!result.ok) throw new Error(`${result.error.problem} at ${result.error.line}:${result.error.column}`);
  return result.value;
}

/** "doubled" stands for what Corral refuses and JSON.parse does not. */
function outcome(result: ReturnType<typeof parseJson>): unknown {
  if (result.ok) return { value: result.value };
  if (result.error.problem === "not valid JSON") return "unexplained";
  return /already there|__proto__/.test(result.error.problem) ? "doubled" : "invalid";
}

function referenceOutcome(text: string, result: ReturnType<typeof parseJson>): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return outcome(result) === "doubled" ? "doubled" : { value };
  } catch {
    return outcome(result) === "doubled" ? "doubled" : "invalid";
  }
}

describe("what is accepted", () => {
  test("any value of JSON.stringify reads back the same", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, "\t"), (value, space) => {
        const text = JSON.stringify(value, null, space);
        fc.pre(!/"__proto__":/.test(text));
        expect(valueOf(text)).toEqual(JSON.parse(text));
        expect(valueOf(utf8(text.toWellFormed()))).toEqual(JSON.parse(text.toWellFormed()));
      }),
    );
  });

  test("random mutations of JSON are accepted exactly when JSON.parse accepts them and nothing is doubled", () => {
    const characters = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"',
      ":",
      ",",
      "\\",
      "1",
      "-",
      ".",
      "e",
      "t",
      " ",
      "\n",
      "\u0001",
      "u",
    );
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.nat(), fc.nat({ max: 2 }), characters, (value, where, remove, add) => {
        const text = JSON.stringify(value);
        const at = where % (text.length + 1);
        const mutated = text.slice(0, at) + add + text.slice(at + remove);
        const result = parseJson(mutated);
        expect(outcome(result)).toEqual(referenceOutcome(mutated, result));
      }),
      { numRuns: 500 },
    );
  });

  test("a byte order mark at the start is skipped, in text and in bytes", () => {
    expect(valueOf("\uFEFF[1]")).toEqual([1]);
    expect(valueOf(new Uint8Array([0xef, 0xbb, 0xbf, 0x31]))).toBe(1);
    expect(problemOf("\uFEFF\uFEFF1")).toEqual({ problem: "expected a value", line: 1, column: 1 });
  });

  test("lone surrogates and NUL are left to the caller's schema", () => {
    expect(valueOf('["\\ud800", "\\u0000", "\udfff"]')).toEqual(["\ud800", "\0", "\udfff"]);
  });

  test("one key in several objects, and the names of Object.prototype, are ordinary keys", () => {
    expect(valueOf('{"a":{"a":1},"b":[{"a":1},{"a":2}]}')).toEqual({ a: { a: 1 }, b: [{ a: 1 }, { a: 2 }] });
    const value = valueOf('{"constructor":1,"toString":2,"hasOwnProperty":3}') as object;
    expect(Object.entries(value)).toEqual([
      ["constructor", 1],
      ["toString", 2],
      ["hasOwnProperty", 3],
    ]);
  });
});

describe("what is refused", () => {
  test.each([
    ["", "expected a value, but the text ends", 1, 1],
    ["  \n ", "expected a value, but the text ends", 2, 2],
    ['{"a": 1 "b": 2}', 'expected "," or "}"', 1, 9],
    ['{"a": 1,\n  "b": nul}', "expected a value", 2, 8],
    ['{"a": 1,}', "expected a key in double quotes", 1, 9],
    ["{a: 1}", "expected a key in double quotes", 1, 2],
    ['{"a" 1}', 'expected ":"', 1, 6],
    ["[1, 2", 'expected "," or "]", but the text ends', 1, 6],
    ["[1 2]", 'expected "," or "]"', 1, 4],
    ["[01]", 'expected "," or "]"', 1, 3],
    ["[-]", "expected a value", 1, 2],
    ["[.5]", "expected a value", 1, 2],
    ["1 2", "expected the end", 1, 3],
    ['{"a": "b', "this string does not end", 1, 7],
    ['["a\nb"]', "a control character in a string must be escaped", 1, 4],
    ['["a\\x"]', "unknown escape in a string", 1, 4],
    ['["\\u12g4"]', "unknown escape in a string", 1, 3],
    ["['a']", "expected a value", 1, 2],
    ["// comment\n1", "expected a value", 1, 1],
    ['{"a":1,\r\n"b":1,\r"a":2}', "this key is already there", 3, 1],
    ['{"a":1,"\\u0061":2}', "this key is already there", 1, 8],
    ['[{"a":{"b":1}},{"a":{"b":1,"b":{}}}]', "this key is already there", 1, 28],
    ['{"__proto__":1}', "__proto__ is not allowed as a key", 1, 2],
    ['{"x":[{"\\u005f_proto__":{}}]}', "__proto__ is not allowed as a key", 1, 8],
  ])("%j: %s", (text, problem, line, column) => {
    expect(problemOf(text)).toEqual({ problem, line, column });
  });

  test("a column counts UTF-16 units", () => {
    expect(problemOf('{"🔑é": x}').column).toBe(9);
  });

  test("nesting is bounded, before anything is built", () => {
    expect(valueOf("[".repeat(64) + "]".repeat(64))).toBeDefined();
    expect(problemOf("[".repeat(65) + "]".repeat(65))).toEqual({ problem: "nested deeper than 64 levels", line: 1, column: 65 });
    expect(problemOf('{"a":[{}]}', 2)).toEqual({ problem: "nested deeper than 2 levels", line: 1, column: 7 });
    expect(problemOf("[".repeat(4_000_000)).column).toBe(65);
  });

  test("a flood of small values is refused", () => {
    expect(problemOf(`[${"{},".repeat(1_000_000)}{}]`).problem).toBe("more than a million values");
  });

  test("bytes that are not UTF-8 are refused where they are", () => {
    const bad = (before: string, ...bytes: number[]) => problemOf(new Uint8Array([...utf8(before), ...bytes, 0x22]));
    expect(bad('{"é":\n "ab', 0xff)).toEqual({ problem: "not UTF-8", line: 2, column: 5 });
    expect(bad('"', 0xed, 0xa0, 0x80)).toEqual({ problem: "not UTF-8", line: 1, column: 2 });
    expect(problemOf(new Uint8Array([0x22, 0xe2, 0x82]))).toEqual({ problem: "not UTF-8", line: 1, column: 2 });
  });
});

describe("positions", () => {
  test("each member of the outermost object has the places of its key and value", () => {
    const result = parseJsonWithPositions('\uFEFF\n{\n  "K":  12,\n  "nested": {"inner": 1},\r\n  "L": null }');
    if (!result.ok) throw new Error(result.error.problem);
    expect(result.value.value).toEqual({ K: 12, nested: { inner: 1 }, L: null });
    expect(result.value.positions.root).toEqual({ line: 2, column: 1 });
    expect([...result.value.positions.members]).toEqual([
      ["K", { key: { line: 3, column: 3 }, value: { line: 3, column: 9 } }],
      ["nested", { key: { line: 4, column: 3 }, value: { line: 4, column: 13 } }],
      ["L", { key: { line: 5, column: 3 }, value: { line: 5, column: 8 } }],
    ]);
  });

  test("objects in an array are not the outermost object", () => {
    const result = parseJsonWithPositions('[{"a":1}]');
    expect(result.ok && result.value.positions.members.size).toBe(0);
  });

  test("a mistake is reported as parseJson reports it", () => {
    const text = '{"a":1,"a":2}';
    expect(parseJsonWithPositions(text)).toEqual(parseJson(text));
  });
});

test("no problem ever holds six bytes of the document", () => {
  const canary = fc.stringMatching(/^[A-Z][A-Z0-9]{23}$/);
  const breakage = fc.constantFrom<(canary: string) => string>(
    (c) => `{"${c}": ${c}}`,
    (c) => `{"a": "${c}" "b": 1}`,
    (c) => `{"${c}": 1, "${c}": 2}`,
    (c) => `{"a": "${c}`,
    (c) => `{"a": "${c}\n"}`,
    (c) => `{"a": "${c}\\q${c}"}`,
    (c) => `{${c}: 1}`,
    (c) => c,
    (c) => `A=${c}`,
    (c) => `{"a":"${c}"}${c}`,
    (c) => `['${c}']`,
    (c) => `{"__proto__": "${c}"}`,
    (c) => `["${c}", `,
    (c) => `"${c}\\u1_${c}"`,
  );
  fc.assert(
    fc.property(canary, breakage, fc.nat({ max: 3 }), (secret, broken, newlines) => {
      const text = "\n".repeat(newlines) + broken(secret);
      for (const input of [text, utf8(text), new Uint8Array([...utf8(text), 0xff])]) {
        const report = JSON.stringify(problemOf(input));
        for (let at = 0; at + 6 <= secret.length; at += 1) expect(report).not.toContain(secret.slice(at, at + 6));
      }
    }),
    { numRuns: 300 },
  );
});
