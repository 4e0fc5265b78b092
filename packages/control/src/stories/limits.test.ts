import { Redacted } from "@corral/base";
import { afterEach, describe, expect, it } from "vitest";
import { cloudflareLimits, defaultLimits } from "../limits.ts";
import { codeOf, liveSecrets, openWorld, secret, upload, type World } from "../test-world.ts";

let world: World | undefined;
afterEach(() => world?.close());

const CODE = "export default { fetch: () => new Response('hi') }";

describe("limits", () => {
  it("of a value and of a bulk are Corral's, or Cloudflare's where that profile is chosen", async () => {
    for (const limits of [defaultLimits, cloudflareLimits]) {
      world = await openWorld({ limits });
      const { control, caller } = world;
      await control.workers.put(caller, "api", upload(CODE));
      const put = (bytes: number) => codeOf(control.secrets.put(caller, "api", secret("A", "x".repeat(bytes))));
      expect([await put(limits.valueBytes), await put(limits.valueBytes + 1)]).toEqual(["no failure", "secret.too-large"]);
      expect(await codeOf(control.secrets.put(caller, "api", secret("A", "é".repeat(limits.valueBytes / 2 + 1))))).toBe(
        "secret.too-large",
      );
      const bulk = (count: number) =>
        codeOf(control.secrets.bulk(caller, "api", new Map(Array.from({ length: count }, (_, at) => [`N${at}`, null]))));
      expect([await bulk(limits.bulk), await bulk(limits.bulk + 1)]).toEqual(["no failure", "secret.bulk-too-many"]);
      await world.close();
    }
    world = undefined;
  });

  it("of bindings counts those that are there already", async () => {
    world = await openWorld({ limits: cloudflareLimits });
    const { control, caller } = world;
    const bindings = Array.from({ length: 128 }, (_, at) => secret(`S${at}`, "x"));
    await control.workers.put(caller, "api", upload(CODE, { bindings }));
    expect(await codeOf(control.secrets.put(caller, "api", secret("ONE_MORE", "x")))).toBe("binding.too-many");
    expect(await codeOf(control.secrets.put(caller, "api", secret("S0", "y")))).toBe("no failure");
  });

  it("of the env hold at a secret put too, and a put that makes it smaller goes through", async () => {
    world = await openWorld();
    const { control, caller } = world;
    const large = "x".repeat(65_000);
    const bindings = Array.from({ length: 15 }, (_, at) => secret(`S${at}`, large));
    await control.workers.put(caller, "api", upload(CODE, { bindings }));
    expect(await codeOf(control.secrets.put(caller, "api", secret("MORE", large)))).toBe("env.too-large");
    // One character beyond Latin-1 doubles the string for workerd.
    expect(await codeOf(control.secrets.put(caller, "api", secret("S0", `${"x".repeat(60_000)}€`)))).toBe("env.too-large");
    world = await world.restart();
    expect(await codeOf(world.control.secrets.put(caller, "api", secret("MORE", large)))).toBe("env.too-large");
    expect(await codeOf(world.control.secrets.put(caller, "api", secret("S0", "small")))).toBe("no failure");
    expect(await codeOf(world.control.secrets.put(caller, "api", secret("MORE", "€".repeat(9_000))))).toBe("no failure");
  });

  it("of Workers per account", async () => {
    world = await openWorld({ limits: { ...defaultLimits, workers: 1 } });
    const { control, caller } = world;
    await control.workers.put(caller, "one", upload(CODE));
    await control.workers.put(caller, "one", upload(CODE));
    expect(await codeOf(control.workers.put(caller, "two", upload(CODE)))).toBe("worker.too-many");
    expect(await codeOf(control.workers.create(caller, "two", {}))).toBe("worker.too-many");
  });
});

it("a secret key is a secret like any other, and keeps how it may be used", async () => {
  world = await openWorld();
  const { control, caller } = world;
  await control.workers.put(caller, "api", upload(CODE));
  const key = {
    type: "secret_key",
    name: "KEY",
    format: "raw",
    algorithm: '{"name":"HMAC","hash":"SHA-256"}',
    usages: ["sign"],
    value: new Redacted("c2VjcmV0"),
  } as const;
  await control.secrets.put(caller, "api", key);
  await control.workers.put(caller, "api", upload(CODE));
  expect(await control.secrets.list(caller, "api")).toEqual([
    { name: "KEY", type: "secret_key", key: { format: "raw", algorithm: '{"name":"HMAC","hash":"SHA-256"}', usages: ["sign"] } },
  ]);
  const { manifest } = await control.versions.get(caller, "api", "latest");
  expect(manifest.bindings).toMatchObject([{ type: "secret_key", name: "KEY", format: "raw", usages: ["sign"] }]);
  expect(await liveSecrets(world, "api")).toEqual({ KEY: "c2VjcmV0" });
  await control.secrets.put(caller, "api", secret("KEY", "text now"));
  expect(await control.secrets.get(caller, "api", "KEY")).toEqual({ name: "KEY", type: "secret_text" });
});

it("a binding of another product becomes a placeholder where the operator chose that", async () => {
  world = await openWorld({ policy: { unsupportedBindings: "placeholder", routeNewWorkers: false } });
  const { control, caller } = world;
  const database = { type: "unsupported", name: "DB", declaredType: "d1", detail: '{"id":"x"}' } as const;
  await control.workers.put(caller, "api", upload(CODE, { bindings: [database] }));
  const { manifest } = await control.versions.get(caller, "api", "latest");
  expect(manifest.bindings).toEqual([{ type: "placeholder", name: "DB", declaredType: "d1", detail: '{"id":"x"}' }]);
  const unknown = { ...database, declaredType: "no_such" };
  expect(await codeOf(control.workers.put(caller, "api", upload(CODE, { bindings: [unknown] })))).toBe("binding.unknown-type");
});
