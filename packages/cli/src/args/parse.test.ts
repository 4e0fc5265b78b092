import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure } from "../output/errors.ts";
import { choice, type Command, defineCommand, list, text, yesNo } from "./flags.ts";
import { parseArguments } from "./parse.ts";

const command: Command = defineCommand({
  words: "secret put",
  summary: "",
  positionals: [{ name: "name", describe: "the name", required: true }],
  flags: {
    env: text("environment", "", { short: "e" }),
    "keep-vars": yesNo(""),
    yes: yesNo("", { short: "y" }),
    format: choice(["pretty", "json"], ""),
    var: list("name:value", ""),
  },
  examples: [],
  run: async () => undefined,
});

const parse = (line: string) => parseArguments(line.split(" "), command);

function refusal(words: readonly string[]): Failure {
  try {
    parseArguments(words, command);
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error("was not refused");
}

describe("options", () => {
  test.each([
    ["K --env staging", { env: "staging" }],
    ["K --env=staging", { env: "staging" }],
    ["-e staging K -y", { env: "staging", yes: true }],
    ["K --keepVars", { "keep-vars": true }],
    ["K --no-keep-vars", { "keep-vars": false }],
    ["K --keep-vars=false", { "keep-vars": false }],
    ["K --var a:1 --var b:2", { var: ["a:1", "b:2"] }],
    ["K --env=", { env: "" }],
  ])("%s", (line, values) => {
    expect(parse(line)).toEqual({ values: expect.objectContaining(values) as unknown, positionals: ["K"] });
  });

  test("after -- everything is a positional", () => {
    expect(parse("-- --env").positionals).toEqual(["--env"]);
  });

  test.each([
    ["", "needs the name"],
    ["K --env", "--env needs a value"],
    ["K --env --yes", "--env needs a value"],
    ["K --yes=perhaps", "--yes takes no value"],
    ["K --format xml", "--format takes one of: pretty, json"],
    ["K --env a --env b", "--env was given twice"],
    ["K --strict", 'The option --strict does not belong to "corral secret put".'],
    ["K --ful", "There is no such option: argument 2"],
  ])("%j is refused", (line, message) => {
    expect(() => parseArguments(line === "" ? [] : line.split(" "), command)).toThrow(message);
  });

  test("a near miss is answered with the option that was meant", () => {
    expect(refusal(["K", "--keep-var"]).hints[0]).toBe("Did you mean --keep-vars?");
  });
});

test("no refusal repeats what was typed", () => {
  const canary = fc.stringMatching(/^[a-z]{12,20}$/).map((word) => `q${word}q`);
  const place = fc.constantFrom<(word: string) => string[]>(
    (word) => ["K", `--${word}`],
    (word) => ["K", `--${word}=x`],
    (word) => ["K", `--yes=${word}`],
    (word) => ["K", `-${word}`],
    (word) => ["K", "--format", word],
    (word) => ["K", word],
    (word) => ["K", "--env", word, "--env", word],
  );
  fc.assert(
    fc.property(canary, place, (word, lay) => {
      const { message, hints } = refusal(lay(word));
      expect([message, ...hints].join("\n")).not.toContain(word);
    }),
  );
});
