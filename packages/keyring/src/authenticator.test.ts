import { Buffer } from "node:buffer";
import { type Binding, type Head, isCorralError, type Manifest, newUuid, systemRandom, utf8 } from "@corral/base";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAuthenticator } from "./authenticator.ts";
import { encodeManifest } from "./manifest.ts";

const uuid = () => newUuid(systemRandom);
const installId = uuid();
const workerId = uuid();
const key = systemRandom.bytes(32);
const authenticator = createAuthenticator(installId, workerId, key);

const text = fc.string({ unit: "binary", maxLength: 12 });
const nullable = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const id = fc.uuid();
const binding: fc.Arbitrary<Binding> = fc.oneof(
  fc.record({ type: fc.constant("plain_text" as const), name: text, text }),
  fc.record({ type: fc.constant("json" as const), name: text, json: fc.json() }),
  fc.record({ type: fc.constant("secret_text" as const), name: text, recordId: id }),
  fc.record({
    type: fc.constant("secret_key" as const),
    name: text,
    recordId: id,
    format: text,
    algorithm: fc.json(),
    usages: fc.array(text, { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant("version_metadata" as const), name: text }),
  fc.record({
    type: fc.constant("service" as const),
    name: text,
    service: text,
    environment: nullable(text),
    entrypoint: nullable(text),
  }),
  fc.record({
    type: fc.constantFrom("wasm_module" as const, "text_blob" as const, "data_blob" as const),
    name: text,
    part: text,
  }),
  fc.record({ type: fc.constant("placeholder" as const), name: text, declaredType: text, detail: fc.json() }),
);
const manifests: fc.Arbitrary<Manifest> = fc.record({
  format: fc.constant(1 as const),
  versionId: id,
  workerId: fc.constant(workerId),
  number: fc.nat(),
  createdOn: text,
  tag: nullable(text),
  syntax: fc.constantFrom("module" as const, "service-worker" as const),
  mainModule: text,
  modules: fc.array(
    fc.record({
      name: text,
      type: fc.constantFrom("esm" as const, "wasm" as const),
      contentType: text,
      sha256: text,
      size: fc.nat(),
    }),
    { maxLength: 3 },
  ),
  compatibilityDate: nullable(text),
  compatibilityFlags: fc.array(text, { maxLength: 3 }),
  usageModel: text,
  limits: nullable(fc.record({ cpuMs: fc.nat(), subrequests: fc.nat() }, { requiredKeys: [] })),
  placement: nullable(fc.json()),
  bindings: fc.array(binding, { maxLength: 4 }),
});
const head: Head = {
  workerId,
  accountId: "0123456789abcdef0123456789abcdef",
  name: "hello",
  epoch: 7,
  newestVersionId: uuid(),
  newestNumber: 3,
  deploymentId: uuid(),
  shares: [
    { versionId: uuid(), percentage: 33.333 },
    { versionId: uuid(), percentage: 66.667 },
  ],
  routed: true,
  previews: false,
};

function codeOf(work: () => unknown): string {
  try {
    work();
    return "no error";
  } catch (error) {
    return isCorralError(error) ? error.code : "another error";
  }
}

describe("a manifest", () => {
  test("comes back from its canonical bytes as it was", () => {
    fc.assert(
      fc.property(manifests, (manifest) => {
        const { bytes, mac } = authenticator.sealManifest(manifest);
        expect(authenticator.openManifest(workerId, manifest.versionId, bytes, mac)).toEqual(manifest);
      }),
    );
  });

  test("has one encoding, in whatever order its fields were put together", () => {
    const shuffle = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffle);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([name, part]) => [name, shuffle(part)]),
      );
    };
    fc.assert(
      fc.property(manifests, (manifest) => {
        expect(encodeManifest(shuffle(manifest) as Manifest)).toEqual(encodeManifest(manifest));
      }),
    );
  });

  test("with any byte of it or of its MAC changed is forged", () => {
    fc.assert(
      fc.property(manifests, fc.nat(), fc.integer({ min: 1, max: 255 }), (manifest, where, flip) => {
        const { bytes, mac } = authenticator.sealManifest(manifest);
        const changed = (all: Uint8Array) => {
          const copy = Uint8Array.from(all);
          const at = where % copy.length;
          copy[at] = (copy[at] ?? 0) ^ flip;
          return copy;
        };
        const open = (b: Uint8Array, m: Uint8Array) =>
          codeOf(() => authenticator.openManifest(workerId, manifest.versionId, b, m));
        expect(open(changed(bytes), mac)).toBe("manifest.forged");
        expect(open(bytes, changed(mac))).toBe("manifest.forged");
        expect(open(bytes.subarray(1), mac)).toBe("manifest.forged");
        expect(open(bytes, mac.subarray(1))).toBe("manifest.forged");
      }),
    );
  });

  test("is not another version's, another Worker's or another installation's", () => {
    const [manifest] = fc.sample(manifests, 1) as [Manifest];
    const { bytes, mac } = authenticator.sealManifest(manifest);
    const { versionId } = manifest;
    const otherWorker = uuid();
    const attempts = [
      () => authenticator.openManifest(workerId, uuid(), bytes, mac),
      () => authenticator.openManifest(otherWorker, versionId, bytes, mac),
      () => createAuthenticator(installId, otherWorker, key).openManifest(otherWorker, versionId, bytes, mac),
      () => createAuthenticator(uuid(), workerId, key).openManifest(workerId, versionId, bytes, mac),
      () => createAuthenticator(installId, workerId, systemRandom.bytes(32)).openManifest(workerId, versionId, bytes, mac),
    ];
    expect(attempts.map(codeOf)).toEqual(attempts.map(() => "manifest.forged"));
  });

  test("of a format that is not known is forged, though its MAC holds", () => {
    const [manifest] = fc.sample(manifests, 1) as [Manifest];
    const { bytes, mac } = authenticator.sealManifest({ ...manifest, format: 2 as unknown as 1 });
    expect(codeOf(() => authenticator.openManifest(workerId, manifest.versionId, bytes, mac))).toBe("manifest.forged");
  });
});

describe("a head", () => {
  const mac = authenticator.macHead(head);
  const [first, second] = head.shares as [Head["shares"][0], Head["shares"][0]];

  test("verifies as it was", () => {
    authenticator.verifyHead(structuredClone(head), mac);
    expect(mac).toHaveLength(32);
  });

  test.each<[string, Partial<Head>]>([
    ["workerId", { workerId: uuid() }],
    ["accountId", { accountId: "f".repeat(32) }],
    ["name", { name: "hello2" }],
    ["epoch", { epoch: 8 }],
    ["newestVersionId", { newestVersionId: uuid() }],
    ["newestVersionId to null", { newestVersionId: null }],
    ["newestNumber", { newestNumber: 4 }],
    ["deploymentId", { deploymentId: uuid() }],
    ["deploymentId to null", { deploymentId: null }],
    ["routed", { routed: false }],
    ["previews", { previews: true }],
    ["shares to none", { shares: [] }],
    ["one share less", { shares: [first] }],
    ["the order of shares", { shares: [second, first] }],
    ["a share's version", { shares: [{ ...first, versionId: uuid() }, second] }],
    ["a share by a thousandth", { shares: [{ ...first, percentage: 33.334 }, second] }],
    ["a share by less than a thousandth", { shares: [{ ...first, percentage: 33.3331 }, second] }],
    ["a share to not a number", { shares: [{ ...first, percentage: Number.NaN }, second] }],
  ])("is forged when somebody changes %s", (_name, change) => {
    expect(codeOf(() => authenticator.verifyHead({ ...head, ...change }, mac))).toBe("manifest.forged");
  });

  test("takes every share of three decimals exactly", () => {
    fc.assert(
      fc.property(fc.nat({ max: 100_000 }), (thousandths) => {
        const percentage = Number((thousandths / 1000).toFixed(3));
        const shares = [{ versionId: first.versionId, percentage }];
        const shared = { ...head, shares };
        expect(codeOf(() => authenticator.verifyHead(shared, authenticator.macHead(shared)))).toBe("no error");
      }),
      { numRuns: 1000 },
    );
  });

  test("of another Worker is not signed", () => {
    expect(() => authenticator.macHead({ ...head, workerId: uuid() })).toThrow("internal");
    expect(() => authenticator.macHead({ ...head, shares: [{ ...first, percentage: 0.0001 }] })).toThrow("internal");
  });

  test("and a manifest never have the same MAC input", () => {
    const bytes = utf8("corral/head/1");
    const [manifest] = fc.sample(manifests, 1) as [Manifest];
    const sealed = authenticator.sealManifest(manifest);
    expect(Buffer.from(sealed.mac).equals(authenticator.macHead(head))).toBe(false);
    expect(codeOf(() => authenticator.openManifest(workerId, manifest.versionId, bytes, mac))).toBe("manifest.forged");
  });
});
