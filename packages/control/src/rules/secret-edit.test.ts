import { assert, constantFrom, option, property, record, uniqueArray } from "fast-check";
import type { Binding, SecretBinding } from "@corral/base";
import { describe, expect, it } from "vitest";
import { compareNames } from "./names.ts";
import { editSecrets, findBinding, type SecretEdit } from "./secret-edit.ts";

const secret = (name: string, recordId: string): SecretBinding => ({ type: "secret_text", name, recordId });
const NAMES = ["A", "B", "C", "a.b", "É", "🔑", "\ue000"];

const present = uniqueArray(constantFrom(...NAMES)).map((names) =>
  names.toSorted(compareNames).map((name) => secret(name, `old ${name}`)),
);
const edit = uniqueArray(record({ name: constantFrom(...NAMES), id: option(constantFrom("n1", "n2")) }), {
  selector: ({ name }) => name,
}).map((entries): SecretEdit => entries.map(({ name, id }) => ({ name, secret: id === null ? null : secret(name, id) })));

describe("editing secrets", () => {
  it("does what a map would do, keeps the order, and says what went", () => {
    assert(
      property(present, edit, (bindings, changes) => {
        const model = new Map(bindings.map((binding) => [binding.name, binding]));
        const went = [];
        for (const { name, secret: put } of changes) {
          const before = model.get(name);
          if (before !== undefined) went.push(before);
          if (put === null) model.delete(name);
          else model.set(name, put);
        }
        const edited = editSecrets(bindings, changes, 100);
        if (!edited.ok) throw edited.error;
        expect(edited.value.bindings).toEqual([...model.values()].toSorted((a, b) => compareNames(a.name, b.name)));
        expect(edited.value.dropped).toEqual(went);
        for (const name of NAMES) expect(findBinding(edited.value.bindings, name)).toEqual(model.get(name));
      }),
    );
  });

  it("does not touch other kinds of binding", () => {
    const variable: Binding = { type: "plain_text", name: "V", text: "1" };
    const refused = editSecrets([variable], [{ name: "V", secret: secret("V", "x") }], 100);
    expect(refused.ok ? "" : refused.error.code).toBe("secret.name-taken");
    expect(editSecrets([variable], [{ name: "V", secret: null }], 100)).toEqual({
      ok: true,
      value: { bindings: [variable], dropped: [] },
    });
  });

  it("refuses one too many, but replaces and deletes above a limit that was lowered", () => {
    const three = ["A", "B", "C"].map((name) => secret(name, "x"));
    const over = editSecrets(three, [{ name: "D", secret: secret("D", "y") }], 3);
    expect(over.ok ? "" : over.error.code).toBe("binding.too-many");
    expect(editSecrets(three, [{ name: "A", secret: secret("A", "y") }], 1).ok).toBe(true);
    expect(editSecrets(three, [{ name: "A", secret: null }], 1).ok).toBe(true);
  });
});
