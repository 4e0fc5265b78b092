import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseEnvFile } from "./env-file.ts";

function read(text: string) {
  const parsed = parseEnvFile(text, false);
  return {
    kind: parsed.kind,
    values: parsed.kind === "entries" ? Object.fromEntries(parsed.entries.map((one) => [one.name, one.value?.reveal()])) : {},
    problems: parsed.problems.map((one) => `${one.line}  ${one.problem}`),
  };
}

describe("values", () => {
  test.each([
    ["API_KEY = abc123", "abc123"],
    ["API_KEY=abc123", "abc123"],
    ["export API_KEY=abc123", "abc123"],
    ["  API_KEY\t=\tabc123  ", "abc123"],
    ["API_KEY=", ""],
    ["API_KEY=# nothing", ""],
    ["API_KEY=abc # comment", "abc"],
    ["API_KEY=abc#no-comment", "abc#no-comment"],
    ["API_KEY=$HOME/${X}", "$HOME/${X}"],
    ["API_KEY='it is # $literal \\n'", "it is # $literal \\n"],
    ['API_KEY="a\\nb\\t\\"c\\"\\\\ \\x" # comment', 'a\nb\t"c"\\ \\x'],
    ["API_KEY=`back \"quoted\" 'text'`", "back \"quoted\" 'text'"],
    ['API_KEY="line one\nline two"', "line one\nline two"],
    ["API_KEY='-----BEGIN X-----\r\nabc\r\n-----END X-----'", "-----BEGIN X-----\nabc\n-----END X-----"],
    ["API_KEY=a=b==", "a=b=="],
  ])("%j", (text, value) => {
    expect(read(text)).toEqual({ kind: "entries", values: { API_KEY: value }, problems: [] });
  });

  test("comments, empty lines and the three line ends", () => {
    expect(read("# one\n\nA=1\r\nB=2\rC=3").values).toEqual({ A: "1", B: "2", C: "3" });
  });

  test("`export` is also a name", () => {
    expect(read("export=1").values).toEqual({ export: "1" });
  });
});

describe("problems", () => {
  test.each([
    ["A=1\nB=2\njust words", ["3  expected NAME=value"]],
    ["A=1\n=2", ["2  expected NAME=value"]],
    ['A="open\nB=2', ["1  this quote is not closed"]],
    ['A="closed" more\nB=2', ["1  expected the end of the line after the closing quote"]],
    [
      "A-B=1\n1A=2",
      [
        "1  a name has letters, digits, _ and $, and no digit first",
        "2  a name has letters, digits, _ and $, and no digit first",
      ],
    ],
    ["A=1\nA=2", ["2  A: already given in line 1"]],
    ["words\nA=1\nA=2\nmore words", ["1  expected NAME=value", "3  A: already given in line 2", "4  expected NAME=value"]],
  ])("%j", (text, problems) => {
    expect(read(text).problems).toEqual(problems);
  });

  test("lines are counted over quoted values", () => {
    expect(read("A='1\n2\n3'\nwords").problems).toEqual(["4  expected NAME=value"]);
  });
});

test("what is written with single quotes comes back, whatever it is", () => {
  const value = fc.string({ unit: "grapheme" }).filter((text) => !/['\r\0]/.test(text));
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,9}$/), value), (entries) => {
      const text = Object.entries(entries)
        .map(([name, one]) => `${name}='${one}'`)
        .join("\n");
      expect(read(text)).toEqual({ kind: "entries", values: { ...entries }, problems: [] });
    }),
  );
});
