import { expect, test } from "vitest";
import { decodeForm } from "./form.ts";

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const bindings = [
  { type: "plain_text", name: "A", text: "true" },
  { type: "version_metadata", name: "B" },
  { type: "secret_text", name: "C", text: "50" },
];

test("the TypeScript SDK's brackets: [] appends, and a new element begins when the next key is there already", () => {
  const decoded = decodeForm("metadata", [
    ["metadata[main_module]", "index.js"],
    ["metadata[bindings][][type]", "plain_text"],
    ["metadata[bindings][][name]", "A"],
    ["metadata[bindings][][text]", "true"],
    ["metadata[bindings][][type]", "version_metadata"],
    ["metadata[bindings][][name]", "B"],
    ["metadata[bindings][][type]", "secret_text"],
    ["metadata[bindings][][name]", "C"],
    ["metadata[bindings][][text]", "50"],
    ["metadata[compatibility_flags][]", "x"],
    ["metadata[compatibility_flags][]", "y"],
    ["metadata[annotations][workers/tag]", "v1"],
  ]);
  expect(plain(decoded)).toEqual({
    main_module: "index.js",
    bindings,
    compatibility_flags: ["x", "y"],
    annotations: { "workers/tag": "v1" },
  });
});

test("Go's dots and positions", () => {
  const decoded = decodeForm("metadata", [
    ["metadata.main_module", "index.js"],
    ["metadata.bindings.0.type", "plain_text"],
    ["metadata.bindings.0.name", "A"],
    ["metadata.bindings.0.text", "true"],
    ["metadata.bindings.1.type", "version_metadata"],
    ["metadata.bindings.1.name", "B"],
    ["metadata.bindings.2.name", "C"],
    ["metadata.bindings.2.text", "50"],
    ["metadata.bindings.2.type", "secret_text"],
  ]);
  expect(plain(decoded)).toEqual({ main_module: "index.js", bindings });
});

test("Python's columns: a value goes to the next binding whose type has such a field", () => {
  const decoded = decodeForm("metadata", [
    ["metadata.main_module", "index.js"],
    ["metadata.bindings[].type", "plain_text"],
    ["metadata.bindings[].type", "version_metadata"],
    ["metadata.bindings[].type", "secret_text"],
    ["metadata.bindings[].name", "A"],
    ["metadata.bindings[].name", "B"],
    ["metadata.bindings[].name", "C"],
    ["metadata.bindings[].text", "true"],
    ["metadata.bindings[].text", "50"],
  ]);
  expect(plain(decoded)).toEqual({ main_module: "index.js", bindings });
});

test("columns that do not say whose a value is are refused, so that no secret gets another's value", () => {
  expect(() =>
    decodeForm("metadata", [
      ["metadata.bindings[].type", "secret_text"],
      ["metadata.bindings[].type", "plain_text"],
      ["metadata.bindings[].name", "A"],
      ["metadata.bindings[].name", "B"],
      ["metadata.bindings[].text", "whose"],
    ]),
  ).toThrow("the form does not say which binding a field belongs to");
});

test("booleans inside a json binding are booleans again; text elsewhere stays text", () => {
  const decoded = decodeForm("metadata", [
    ["metadata[bindings][][type]", "json"],
    ["metadata[bindings][][name]", "J"],
    ["metadata[bindings][][json][on]", "true"],
    ["metadata[bindings][][json][list][]", "false"],
  ]);
  expect(plain(decoded)).toEqual({ bindings: [{ type: "json", name: "J", json: { on: true, list: [false] } }] });
});

test("observability is read back as what it was", () => {
  const decoded = decodeForm("metadata", [
    ["metadata[observability][enabled]", "true"],
    ["metadata[observability][logs][head_sampling_rate]", "0.5"],
  ]);
  expect(plain(decoded)).toEqual({ observability: { enabled: true, logs: { head_sampling_rate: 0.5 } } });
});

test.each([
  [["metadata[__proto__][x]", "1"]],
  [["metadata[a", "1"]],
  [["metadata[bindings][5][x]", "1"]],
  [[`metadata${"[a]".repeat(50)}`, "1"]],
  [
    ["metadata[a]", "1"],
    ["metadata[a][b]", "2"],
  ],
  [
    ["metadata[a]", "1"],
    ["metadata[a]", "2"],
  ],
  [["metadata[]", "1"]],
] as readonly (readonly [string, string])[][])("fields that do not fit together are refused: %j", (...fields) => {
  expect(() => decodeForm("metadata", fields)).toThrow("The upload is invalid");
});
