import { assert, boolean, constantFrom, option, property, record, subarray, uniqueArray } from "fast-check";
import type { Binding, Manifest, ManifestModule } from "@corral/base";
import { describe, expect, it } from "vitest";
import { type Derivation, deriveBindings, serviceTargets, type StatedBinding } from "./bindings.ts";
import { compareNames } from "./names.ts";

type Base = Pick<Manifest, "bindings" | "modules">;

const text = (name: string, value = "v"): Binding => ({ type: "plain_text", name, text: value });
const secret = (name: string, recordId = `record of ${name}`): Binding & StatedBinding => ({
  type: "secret_text",
  name,
  recordId,
});
const inherit = (name: string, oldName?: string, versionId?: string): StatedBinding => ({
  type: "inherit",
  name,
  ...(oldName !== undefined && { oldName }),
  ...(versionId !== undefined && { versionId }),
});
const part = (name: string): ManifestModule => ({
  name,
  type: "data",
  contentType: "application/octet-stream",
  sha256: name,
  size: 1,
});
const base = (...bindings: readonly Binding[]): Base => ({ bindings, modules: [part("blob")] });

const call = (name: string, service: string) =>
  ({ type: "service", name, service, environment: null, entrypoint: null }) as const;

function derive(changes: Partial<Derivation>) {
  return deriveBindings({
    stated: [],
    keep: undefined,
    strictInherit: false,
    base: undefined,
    version: () => undefined,
    modules: [],
    maxBindings: 100,
    ...changes,
  });
}

function bindingsOf(changes: Partial<Derivation>): readonly Binding[] {
  const derived = derive(changes);
  if (!derived.ok) throw derived.error;
  return derived.value.bindings;
}

describe("keep_bindings", () => {
  const before = base(text("T"), { type: "json", name: "J", json: "1" }, secret("S"), {
    type: "secret_key",
    name: "K",
    recordId: "k",
    format: "raw",
    algorithm: "{}",
    usages: [],
  });

  it.each([
    ["absent keeps the secrets", undefined, ["K", "S"]],
    ["as wrangler sends it for versions upload", ["secret_text", "secret_key"], ["K", "S"]],
    ["as --keep-vars sends it", ["plain_text", "json", "secret_text", "secret_key"], ["J", "K", "S", "T"]],
    ["as an old versions secret delete sends it", ["secret_key"], ["K"]],
    ["empty keeps nothing", [], []],
    ["of every type", "all", ["J", "K", "S", "T"]],
    ["of types that Corral does not know", ["d1", "made_up"], []],
  ] as const)("%s", (_, keep, names) => {
    expect(bindingsOf({ base: before, keep }).map(({ name }) => name)).toEqual(names);
  });

  it("names a placeholder by the type that was declared", () => {
    const placeholder: Binding = { type: "placeholder", name: "DB", declaredType: "d1", detail: "{}" };
    expect(bindingsOf({ base: base(placeholder), keep: ["d1"] })).toEqual([placeholder]);
    expect(bindingsOf({ base: base(placeholder), keep: ["placeholder"] })).toEqual([]);
  });
});

describe("what is stated", () => {
  it("beats what is kept under the same name, whatever the types", () => {
    expect(bindingsOf({ base: base(secret("X")), stated: [text("X", "new") as StatedBinding] })).toEqual([text("X", "new")]);
    expect(bindingsOf({ base: base(text("X")), keep: ["plain_text"], stated: [secret("X")] })).toEqual([secret("X")]);
  });

  it("of a type that is not served becomes a placeholder", () => {
    const stated: StatedBinding = { type: "unsupported", name: "DB", declaredType: "d1", detail: '{"id":1}' };
    expect(bindingsOf({ stated: [stated] })).toEqual([
      { type: "placeholder", name: "DB", declaredType: "d1", detail: '{"id":1}' },
    ]);
  });

  it("may not be more than the limit, kept ones counted", () => {
    const derived = derive({ base: base(secret("A"), secret("B")), stated: [secret("C")], maxBindings: 2 });
    expect(derived.ok ? "" : derived.error.code).toBe("binding.too-many");
  });
});

describe("inherit", () => {
  it("copies type and content of a kept or a dropped type, also under another name", () => {
    const before = base(text("T", "1"), secret("S"));
    expect(bindingsOf({ base: before, keep: [], stated: [inherit("T"), inherit("N", "S")] })).toEqual([
      secret("N", "record of S"),
      text("T", "1"),
    ]);
  });

  it("may swap two names", () => {
    const swapped = bindingsOf({
      base: base(secret("A", "a"), secret("B", "b")),
      stated: [inherit("A", "B"), inherit("B", "A")],
    });
    expect(swapped).toEqual([secret("A", "b"), secret("B", "a")]);
  });

  it("from a version by id looks only there; `latest` is the base", () => {
    const version = (id: string): Base | undefined => (id === "old" ? base(secret("A", "older")) : undefined);
    expect(bindingsOf({ base: base(), version, stated: [inherit("A", undefined, "old")] })).toEqual([secret("A", "older")]);
    expect(bindingsOf({ base: base(secret("A", "a")), version, stated: [inherit("A", undefined, "gone")], keep: [] })).toEqual(
      [],
    );
    expect(bindingsOf({ base: base(secret("A", "a")), stated: [inherit("A", undefined, "latest")], keep: [] })).toEqual([
      secret("A", "a"),
    ]);
  });

  it("that is strict names every binding that it does not find", () => {
    const derived = derive({ strictInherit: true, stated: [inherit("A"), inherit("B"), secret("C"), inherit("D")] });
    if (derived.ok) throw new Error("it must fail");
    const messages = [derived.error, ...derived.error.also].map(
      ({ message }) => /^inherit binding '(.+?)' is invalid/.exec(message)?.[1],
    );
    expect(messages).toEqual(["A", "B", "D"]);
  });

  it("of a blob brings its part along, unless the upload has one of that name", () => {
    const blob: Binding = { type: "data_blob", name: "D", part: "blob" };
    const brought = derive({ base: base(blob), stated: [inherit("D")], modules: [part("main")] });
    expect(brought.ok && brought.value.modules.map(({ name }) => name)).toEqual(["main", "blob"]);
    const own = { ...part("blob"), sha256: "new" };
    const replaced = derive({ base: base(blob), keep: ["data_blob"], modules: [own] });
    expect(replaced.ok && replaced.value.modules).toEqual([own]);
  });
});

it("derived bindings are sorted, unique, and each is stated, inherited or kept", () => {
  const name = constantFrom("A", "B", "C", "D", "É");
  const present = uniqueArray(record({ name, isSecret: boolean() }), { selector: (each) => each.name }).map((all) =>
    all.map((each) => (each.isSecret ? secret(each.name) : text(each.name))).toSorted((a, b) => compareNames(a.name, b.name)),
  );
  const stated = uniqueArray(record({ name, from: option(name, { nil: undefined }), kind: constantFrom("text", "inherit") }), {
    selector: (each) => each.name,
  });
  const keeps = option(subarray(["plain_text", "secret_text"]), { nil: undefined });
  assert(
    property(present, stated, keeps, (bindings, inputs, keep) => {
      const rule = { base: base(...bindings), keep };
      const list = inputs.map((each): StatedBinding =>
        each.kind === "text" ? (text(each.name, "stated") as StatedBinding) : inherit(each.name, each.from),
      );
      const derived = bindingsOf({ ...rule, stated: list });
      const names = derived.map((binding) => binding.name);
      expect(names).toEqual([...new Set(names)].toSorted(compareNames));
      for (const binding of derived) {
        const input = inputs.find((each) => each.name === binding.name);
        const source = bindings.find((each) => each.name === (input?.from ?? binding.name));
        const inherited = input !== undefined && source !== undefined ? [{ ...source, name: binding.name }] : bindings;
        expect(input?.kind === "text" ? [text(binding.name, "stated")] : inherited).toContainEqual(binding);
      }
      const kept = bindings.filter((each) => (keep ?? ["secret_text"]).includes(each.type));
      for (const binding of kept) expect(names).toContain(binding.name);
    }),
  );
});

it("a service that calls itself is no target", () => {
  expect([...serviceTargets([call("A", "self"), call("B", "other"), call("C", "other")], "self").keys()]).toEqual(["other"]);
});
