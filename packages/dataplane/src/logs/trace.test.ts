import { Redacted } from "@corral/base";
import { createRedactor } from "@corral/redaction";
import { expect, test } from "vitest";
import type { RouterTrace } from "../router/protocol.ts";
import { redactJson, redactTrace } from "./trace.ts";

const VALUE = `pa"ss\\wörd-4711-xyz`;
const redactor = createRedactor([
  { name: "KEY", value: new Redacted(VALUE) },
  { name: "PIN", value: new Redacted("8245671903") },
  { name: "DOC", value: new Redacted('{"user":"somebody","n":[1,2]}') },
]);

const forms = [VALUE, Buffer.from(VALUE).toString("base64"), Buffer.from(VALUE).toString("hex"), encodeURIComponent(VALUE)];

test.each(forms)("a value is covered in texts, keys and nested parts, in each encoding: form %#", (form) => {
  for (const logged of [form, [form], { [form]: 1 }, { a: [{ b: `x ${form} y` }] }]) {
    const json = redactJson(JSON.stringify(logged), redactor);
    expect(json).toContain("[REDACTED:KEY]");
    expect(JSON.stringify(JSON.parse(json))).not.toContain(JSON.stringify(form).slice(1, -1));
  }
});

test("a value that is a number, or a whole object, is covered too", () => {
  expect(redactJson('{"pin":8245671903}', redactor)).not.toContain("8245671903");
  expect(redactJson('{"user":"somebody","n":[1,2]}', redactor)).not.toContain("somebody");
});

test("what is no strict JSON is shown as a redacted text", () => {
  const json = redactJson(`{"__proto__":"8245671903"}`, redactor);
  expect(JSON.parse(json)).toBe(`{"__proto__":"[REDACTED:PIN]"}`);
});

test("nothing of a trace holds a value, and headers that are credentials say REDACTED", () => {
  const trace: RouterTrace = {
    at: 1,
    outcome: "exception",
    entrypoint: VALUE,
    cpuMs: 0,
    wallMs: 0,
    truncated: false,
    exceptions: [{ at: 1, name: VALUE, message: VALUE, stack: VALUE }],
    logs: [{ at: 1, level: "log", message: [JSON.stringify(VALUE)] }],
    event: {
      kind: "request",
      url: `http://a/?x=${encodeURIComponent(VALUE)}`,
      method: "GET",
      headers: [
        ["x-given", VALUE],
        ["X-Api-Key", "of somebody else"],
        ["cookie", "a=b"],
      ],
      cf: JSON.stringify({ a: VALUE }),
      status: 200,
    },
  };
  const shown = redactTrace(trace, redactor);
  for (const form of forms) expect(JSON.stringify(shown)).not.toContain(JSON.stringify(form).slice(1, -1));
  expect(shown.event).toMatchObject({
    headers: [
      ["x-given", "[REDACTED:KEY]"],
      ["X-Api-Key", "REDACTED"],
      ["cookie", "REDACTED"],
    ],
  });
});
