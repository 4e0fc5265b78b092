import { isCorralError } from "@corral/base";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import {
  deploymentBody,
  parseBody,
  parseJsonVersion,
  parseMetadata,
  parseSecret,
  parseSecretsBulk,
  parseSettingsEdit,
  parseVersionPatch,
  schedulesBody,
  scriptSettingsBody,
  tokenBody,
  workerBody,
} from "./index.ts";
import { fieldProblem } from "./problem.ts";

const CANARY = "Qx7ZcanaryK9mWv3";

const inner = z.object({ count: z.number(), word: z.enum(["a", "b"]).optional() });
const schema = z.object({
  name: z.string().max(3),
  list: z.array(inner).optional(),
  map: z.record(z.string(), inner).optional(),
  either: z.union([z.null(), z.object({ deep: z.object({ leaf: z.string() }) })]).optional(),
});

test.each([
  [{}, "name", "it is missing"],
  [[], "body", "expected an object"],
  [{ name: 5 }, "name", "expected a string"],
  [{ name: CANARY }, "name", "it is too long"],
  [{ name: "a", list: [{ count: 1 }, { count: CANARY }] }, "list[1].count", "expected a number"],
  [{ name: "a", list: [{ count: 1, word: CANARY }] }, "list[0].word", "it is not one of the allowed words"],
  [{ name: "a", map: { [CANARY]: { count: CANARY } } }, "map.*.count", "expected a number"],
  [{ name: "a", map: { [CANARY]: 5 } }, "map.*", "expected an object"],
  [{ name: "a", either: { deep: {} } }, "either.deep.leaf", "it is missing"],
])("%j is refused at %s: %s", (input, field, problem) => {
  const parsed = schema.safeParse(input);
  expect(parsed.success).toBe(false);
  expect(parsed.error && fieldProblem(parsed.error, schema, input)).toEqual({ field, problem });
});

const parsers: Readonly<Record<string, (input: unknown) => unknown>> = {
  parseSecret,
  parseSecretsBulk,
  parseVersionPatch,
  parseMetadata,
  parseSettingsEdit,
  parseJsonVersion,
  deployment: (input) => parseBody(deploymentBody, input),
  schedules: (input) => parseBody(schedulesBody, input),
  settings: (input) => parseBody(scriptSettingsBody, input),
  token: (input) => parseBody(tokenBody, input),
  worker: (input) => parseBody(workerBody, input),
};

const KEYS =
  "name text type secrets env bindings annotations versions strategy modules tags observability limits main_module body_part keep_bindings key_jwk format algorithm usages subdomain cron scopes workers/message".split(
    " ",
  );
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<unknown>(CANARY, `${CANARY}\0`, "", "secret_text", "secret_key", "plain_text", "true", 5, -1, null, true),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS, CANARY), tie("value"), { maxKeys: 5 }),
  ),
})).value;

function outcome(parse: (input: unknown) => unknown, input: unknown): string {
  try {
    parse(input);
    return "accepted";
  } catch (error) {
    return isCorralError(error) ? error.message : `foreign: ${String(error)}`;
  }
}

test.each(Object.keys(parsers))("%s accepts or refuses anything, and a refusal holds nothing of it", (name) => {
  const parse = parsers[name] ?? String;
  fc.assert(
    fc.property(anything, (input) => {
      expect(outcome(parse, input)).not.toMatch(/canary|foreign/);
    }),
    { numRuns: 500 },
  );
});
