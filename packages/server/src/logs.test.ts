import { CorralError } from "@corral/base";
import { expect, test } from "vitest";
import { createOperatorLog, describeError, formatWorkerLog, type LogFields } from "./logs.ts";

const CANARY = "sk_live_canary_0123456789";
const log = { workerId: "", workerName: "hello", versionId: "", at: 0, level: "log", text: "" };

test("a field that is not on the list does not reach the operator's log", () => {
  const lines: string[] = [];
  const fields = { event: "request", status: 200, body: CANARY, url: `/?${CANARY}` } as LogFields;
  createOperatorLog(
    (line) => lines.push(line),
    () => 0,
  ).write(fields);
  expect(lines).toEqual(['{"at":"1970-01-01T00:00:00.000Z","event":"request","status":200}']);
});

test("an unexpected error is described by its class and place, never by its message, cause or properties", () => {
  const shapes = [
    new TypeError(`Received '${CANARY}'`),
    new Error("outer", { cause: new Error(CANARY) }),
    Object.assign(new Error("x"), { input: CANARY, name: CANARY }),
    new Error(`first\n    at ${CANARY} (/packages/x.ts:1:1)`),
    new AggregateError([new Error(CANARY)], CANARY),
    CANARY,
    { [CANARY]: CANARY },
  ];
  for (const shape of shapes) expect(JSON.stringify(describeError(shape))).not.toContain("canary");
});

test("an error whose stack begins with another text shows no frames", () => {
  const error = new Error("short");
  error.stack = `Error: ${CANARY}\n    at ${CANARY} (/packages/x.ts:1:1)`;
  expect(describeError(error)).toEqual({ error: "Error", frames: [] });
});

test("our own errors keep their code, and frames point into the repository", () => {
  const described = describeError(new CorralError("kek.wrong"));
  expect(described.code).toBe("kek.wrong");
  expect(described.frames?.[0]).toMatch(/^packages\/server\/src\/logs\.test\.ts:\d+$/);
});

test("a Worker's line stays one line and moves no cursor", () => {
  expect(formatWorkerLog({ ...log, text: "a\n[other] b\r\u001b[2J\u202etxt\u2028" })).toBe(
    "[hello] a\\n[other] b\\u000d\\u001b[2J\\u202etxt\\u2028",
  );
});

test("a level that is not ordinary is shown", () => {
  expect(formatWorkerLog({ ...log, text: "x" })).toBe("[hello] x");
  expect(formatWorkerLog({ ...log, level: "error", text: "x" })).toBe("[hello] error: x");
});
