import { assert, asyncProperty, constantFrom, string, uniqueArray } from "fast-check";
import { Redacted } from "@corral/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, liveSecrets, newestSecrets, openWorld, secret, secretsOf, upload, type World } from "../test-world.ts";
import type { BindingInput, VersionView } from "../types.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const CODE = "export default { fetch: () => new Response('hi') }";
const text = (name: string, value: string): BindingInput => ({ type: "plain_text", name, text: value });
const calls = (service: string): BindingInput => ({ type: "service", name: "S", service, environment: null, entrypoint: null });
const inherit = (name: string, more: { oldName?: string; versionId?: string } = {}): BindingInput => ({
  type: "inherit",
  name,
  ...more,
});

async function newest(name = "api"): Promise<VersionView> {
  return world.control.versions.get(world.caller, name, "latest");
}

async function bindingNames(name = "api"): Promise<readonly string[]> {
  return (await newest(name)).manifest.bindings.map((binding) => binding.name);
}

describe("an upload", () => {
  it("without keep_bindings keeps the secrets and drops the variables", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE, { bindings: [text("MODE", "a"), secret("KEY", "1")] }));
    await control.workers.put(caller, "api", upload(CODE, { bindings: [text("OTHER", "b")] }));
    expect(await bindingNames()).toEqual(["KEY", "OTHER"]);
    expect(await liveSecrets(world, "api")).toEqual({ KEY: "1" });
  });

  it("with keep_bindings keeps exactly those types", async () => {
    const { control, caller } = world;
    const all = [text("MODE", "a"), { type: "json", name: "J", json: "[1]" } as const, secret("KEY", "1")];
    await control.workers.put(caller, "api", upload(CODE, { bindings: all }));
    await control.versions.create(caller, "api", upload(CODE, { keepBindings: ["plain_text", "json", "secret_text"] }));
    expect(await bindingNames()).toEqual(["J", "KEY", "MODE"]);
    await control.versions.create(caller, "api", upload(CODE, { keepBindings: ["secret_key"], bindings: [inherit("MODE")] }));
    expect(await bindingNames()).toEqual(["MODE"]);
  });

  it("inherits under another name, and from any retained version", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE, { bindings: [secret("A", "first")] }));
    const first = await newest();
    await control.secrets.put(caller, "api", secret("A", "second"));
    const bindings = [inherit("NOW", { oldName: "A" }), inherit("THEN", { oldName: "A", versionId: first.manifest.versionId })];
    await control.workers.put(caller, "api", upload(CODE, { bindings, keepBindings: [] }));
    expect(await liveSecrets(world, "api")).toEqual({ NOW: "second", THEN: "first" });
  });

  it("with strict inheritance fails with one 10057 per name, and drops them silently without", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE));
    const bindings = [inherit("X"), inherit("Y")];
    const strict = control.versions.create(caller, "api", upload(CODE, { bindings, strictInherit: true }));
    await expect(strict).rejects.toMatchObject({
      code: "inherit.invalid",
      message: "inherit binding 'X' is invalid: there is no such binding to inherit.",
      also: [{ code: "inherit.invalid", params: { name: "Y" } }],
    });
    await control.versions.create(caller, "api", upload(CODE, { bindings }));
    expect(await bindingNames()).toEqual([]);
  });

  it("turns a secret into a variable and back", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE, { bindings: [secret("X", "1")] }));
    await control.workers.put(caller, "api", upload(CODE, { bindings: [text("X", "plain")] }));
    expect(await liveSecrets(world, "api")).toEqual({});
    await control.workers.put(caller, "api", upload(CODE));
    await control.secrets.put(caller, "api", secret("X", "2"));
    expect(await liveSecrets(world, "api")).toEqual({ X: "2" });
  });

  it("carries the part of an inherited blob binding along", async () => {
    const { control, caller } = world;
    const blob = { name: "words", type: "text" as const, contentType: "text/plain", bytes: new Uint8Array([104, 105]) };
    const first = upload(CODE, { bindings: [{ type: "text_blob", name: "WORDS", part: "words" }] });
    await control.workers.put(caller, "api", { ...first, modules: [...first.modules, blob] });
    await control.workers.put(caller, "api", upload(CODE, { keepBindings: ["text_blob"] }));
    const content = await control.versions.content(caller, "api", "latest");
    expect(content.modules.map(({ name }) => name)).toEqual(["index.js", "words"]);
    expect(content.modules[1]?.bytes).toEqual(blob.bytes);
  });

  it("calls a service only if it is there, or is the Worker itself", async () => {
    const { control, caller } = world;
    const toOther = upload(CODE, { bindings: [calls("other")] });
    expect(await codeOf(control.workers.put(caller, "api", toOther))).toBe("binding.service-missing");
    await control.workers.put(caller, "api", upload(CODE, { bindings: [calls("api")] }));
    await control.workers.put(caller, "other", upload(CODE));
    await control.workers.put(caller, "api", toOther);
    expect(await control.workers.references(caller, "other")).toEqual(["api"]);
    expect(await codeOf(control.workers.remove(caller, "other", { force: false }))).toBe("worker.referenced");
    await control.workers.remove(caller, "other", { force: true });
    expect(await codeOf(control.workers.get(caller, "other"))).toBe("worker.not-found");
  });

  it.each([
    ["two bindings of one name", { bindings: [text("A", "1"), text("A", "2")] }, "binding.duplicate"],
    ["a name of 300 characters", { bindings: [text("n".repeat(300), "1")] }, "binding.name-invalid"],
    ["a NUL in a name", { bindings: [text("a\u0000b", "1")] }, "binding.name-invalid"],
    ["half a surrogate pair in a name", { bindings: [text("a\ud800", "1")] }, "binding.name-invalid"],
    ["half a surrogate pair in a value", { bindings: [secret("A", "\udc00")] }, "binding.value-malformed"],
    ["__proto__ as a name", { bindings: [text("__proto__", "1")] }, "binding.name-invalid"],
    ["a binding without a name", { bindings: [text("", "1")] }, "binding.nameless"],
    [
      "a binding type of another product",
      { bindings: [{ type: "unsupported", name: "DB", declaredType: "d1", detail: "{}" }] },
      "binding.unsupported",
    ],
    [
      "an unknown binding type",
      { bindings: [{ type: "unsupported", name: "DB", declaredType: "no_such", detail: "{}" }] },
      "binding.unknown-type",
    ],
    ["a blob whose part is missing", { bindings: [{ type: "text_blob", name: "T", part: "t" }] }, "binding.part-missing"],
    ["no main module", { mainModule: "other.js" }, "upload.main-module-missing"],
    ["a tag of 101 bytes", { tag: "t".repeat(101) }, "upload.invalid"],
    [
      "an env over the limit",
      { bindings: Array.from({ length: 24 }, (_, n) => text(`V${n}`, "€".repeat(21_000))) },
      "env.too-large",
    ],
    ["513 bindings", { bindings: Array.from({ length: 513 }, (_, n) => text(`V${n}`, "")) }, "binding.too-many"],
  ] as const)("with %s is refused, and nothing is stored", async (_, changes, code) => {
    const { control, caller } = world;
    expect(await codeOf(control.workers.put(caller, "api", upload(CODE, changes)))).toBe(code);
    expect((await control.workers.list(caller, { page: 1, perPage: 10 })).total).toBe(0);
  });

  it("with an unchanged script is a new version all the same", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE));
    const again = await control.workers.put(caller, "api", upload(CODE));
    expect(again.newest?.manifest.number).toBe(2);
  });
});

describe("PATCH settings", () => {
  it("replaces the set of bindings: no value inherits, what is not listed goes", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE, { bindings: [text("V", "1"), secret("A", "a"), secret("B", "b")] }));
    await control.versions.patchSettings(caller, "api", { bindings: [inherit("V"), inherit("A"), secret("C", "c")] });
    expect(await bindingNames()).toEqual(["A", "C", "V"]);
    expect(await liveSecrets(world, "api")).toEqual({ A: "a", C: "c" });
    expect((await newest()).info.triggeredBy).toBe("secret");
  });

  it("is 10214 while the newest version is not deployed, but script-level settings go through", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE));
    await control.versions.create(caller, "api", upload(CODE));
    expect(await codeOf(control.versions.patchSettings(caller, "api", { bindings: [] }))).toBe("settings.version-not-deployed");
    const view = await control.versions.patchSettings(caller, "api", { settings: { logpush: true } });
    expect(view.settings.logpush).toBe(true);
    expect(view.head.newestNumber).toBe(2);
  });

  it("leaves the runtime and the bindings that it does not state", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE, { bindings: [secret("A", "a")], limits: { cpuMs: 50 } }));
    await control.versions.patchSettings(caller, "api", { compatibilityFlags: ["nodejs_compat"] });
    const { manifest } = await newest();
    expect(manifest.compatibilityDate).toBe("2026-01-01");
    expect(manifest.compatibilityFlags).toEqual(["nodejs_compat"]);
    expect(manifest.limits).toEqual({ cpuMs: 50 });
    expect(await liveSecrets(world, "api")).toEqual({ A: "a" });
  });
});

it("PUT content changes the code and nothing else", async () => {
  const { control, caller } = world;
  await control.workers.put(caller, "api", upload(CODE, { bindings: [text("V", "1"), secret("A", "a")] }));
  await control.versions.putContent(caller, "api", upload("export default {}"));
  expect(await bindingNames()).toEqual(["A", "V"]);
  expect(await liveSecrets(world, "api")).toEqual({ A: "a" });
});

it("a message is cut to 1000 bytes between characters, and an empty one is none", async () => {
  const { control, caller } = world;
  await control.workers.put(caller, "api", upload(CODE, { message: "€".repeat(400) }));
  expect((await newest()).info.message).toBe("€".repeat(333));
  await control.workers.put(caller, "api", upload(CODE, { message: "" }));
  expect((await newest()).info.message).toBeNull();
});

describe("versions secret", () => {
  it("on a Worker without versions is 10222", async () => {
    const { control, caller } = world;
    await control.workers.create(caller, "empty", {});
    const none = { message: null, tag: null };
    expect(await codeOf(control.versions.patchSecrets(caller, "empty", new Map(), none))).toBe("worker.no-versions");
    expect(await codeOf(control.versions.get(caller, "empty", "latest"))).toBe("worker.no-versions");
  });

  it("put changes exactly one binding and nothing else", async () => {
    const { control, caller } = world;
    const names = uniqueArray(constantFrom("A", "B", "C", "D", "Ä", "é", "a.b", "zz"), { minLength: 1 });
    await assert(
      asyncProperty(names, constantFrom("A", "Ä", "new"), string(), async (present, name, value) => {
        const bindings = [text("VAR", "v"), ...present.map((each) => secret(each, `value of ${each}`))];
        await control.workers.put(caller, "api", upload(CODE, { bindings, keepBindings: [], message: "base" }));
        const before = await newest();
        const change = new Map([[name, { type: "secret_text", name, value: new Redacted(value.toWellFormed()) } as const]]);
        const after = await control.versions.patchSecrets(caller, "api", change, { message: null, tag: null });
        const others = (view: VersionView) => view.manifest.bindings.filter((binding) => binding.name !== name);
        expect(others(after)).toEqual(others(before));
        expect(secretsOf(after.manifest).filter((binding) => binding.name === name)).toHaveLength(1);
        const { versionId: _a, number: _b, createdOn: _c, bindings: _d, ...rest } = after.manifest;
        expect(before.manifest).toMatchObject(rest);
        expect((await newestSecrets(world, "api"))[name]).toBe(value.toWellFormed());
        expect((await control.workers.get(caller, "api")).head.shares).toEqual([
          { versionId: before.manifest.versionId, percentage: 100 },
        ]);
      }),
      { numRuns: 15 },
    );
  });
});

describe("a version's list and contents", () => {
  it("are paged, newest first, and empty past the end", async () => {
    const { control, caller } = world;
    for (let count = 0; count < 5; count++) await control.workers.put(caller, "api", upload(CODE));
    const page = async (number: number) => {
      const { versions, total } = await control.versions.list(caller, "api", { page: number, perPage: 2 });
      return [versions.map(({ manifest }) => manifest.number), total];
    };
    expect(await page(1)).toEqual([[5, 4], 5]);
    expect(await page(3)).toEqual([[1], 5]);
    expect(await page(4)).toEqual([[], 5]);
    expect(await page(1e9)).toEqual([[], 5]);
  });

  it("still show an old version that is live, however many came after it", async () => {
    const { control, caller } = world;
    const { newest: live } = await control.workers.put(caller, "api", upload(CODE, { bindings: [secret("A", "old")] }));
    for (let count = 0; count < 155; count++) await control.versions.create(caller, "api", upload(CODE, { keepBindings: [] }));
    expect(await liveSecrets(world, "api")).toEqual({ A: "old" });
    const { versions, total } = await control.versions.list(caller, "api", { page: 2, perPage: 100 });
    expect(total).toBe(101);
    expect(versions.map(({ manifest }) => manifest.versionId)).toEqual([live?.manifest.versionId]);
    const second = (await control.versions.list(caller, "api", { page: 1, perPage: 1000 })).versions.at(-2);
    await control.deployments.create(caller, "api", {
      shares: [{ versionId: second?.manifest.versionId ?? "", percentage: 100 }],
      message: null,
      force: true,
    });
    expect(await codeOf(control.versions.get(caller, "api", live?.manifest.versionId ?? ""))).toBe("version.not-found");
  });
});
