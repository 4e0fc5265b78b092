import { Buffer } from "node:buffer";
import { createHash, hkdfSync } from "node:crypto";
import { asSealed, type Random, type Sealed, systemRandom, u32be } from "@corral/base";
import { gcm } from "@noble/ciphers/aes.js";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import vectors from "../vectors/crl1-vectors.json" with { type: "json" };
import { oneShot, sealingKey } from "./derive.ts";
import { recordAad } from "./record-aad.ts";
import { openBytes, sealBytes } from "./record.ts";
import type { RecordIdentity } from "./types.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");

describe("worked vectors of CRL1", () => {
  const { ids } = vectors;
  const identity: RecordIdentity = {
    accountId: ids.account,
    workerId: ids.worker,
    recordId: ids.record,
    dataKeyId: ids.dataKey,
    type: "secret_text",
  };
  const aad = recordAad(ids.install, identity);
  const key = sealingKey(bytes(vectors.dataKeyHex));
  const fixed: Random = { bytes: (length) => bytes(length === 32 ? vectors.saltHex : vectors.nonceHex) };

  test("the associated data is as it is written there", () => {
    expect(Buffer.from(aad).toString("hex")).toBe(vectors.aadHex);
  });

  test("the extracted key is as it is written there", () => {
    expect(key.export().toString("hex")).toBe(vectors.prkHex);
  });

  test.each(vectors.vectors)("$name: seals to the same bytes and opens to the same value", ({ valueHex, recordHex }) => {
    const sealed = sealBytes(key, aad, bytes(valueHex), fixed);
    expect(Buffer.from(sealed).toString("hex")).toBe(recordHex);
    expect(openBytes(key, aad, asSealed(bytes(recordHex)))?.toString("hex")).toBe(valueHex);
  });
});

const keyBytes = systemRandom.bytes(32);
const key = sealingKey(keyBytes);
const aad = systemRandom.bytes(40);
const values = fc.uint8Array({ maxLength: 400 });

/** The construction of design.md 6 once more, from node's whole HKDF and another implementation of AES-GCM. */
function otherConstruction(salt: Uint8Array): { readonly once: Uint8Array; readonly commitment: Uint8Array } {
  const digest = createHash("sha512").update(aad).digest();
  const parts = [Buffer.from("corral/record-key/1"), salt, digest];
  const info = Buffer.concat(parts.flatMap((part) => [u32be(part.length), part]));
  const out = Buffer.from(hkdfSync("sha512", keyBytes, "corral/data-key/1", info, 64));
  return { once: out.subarray(0, 32), commitment: out.subarray(32) };
}

/** A record around any plaintext, also one that Corral would not write. */
function forge(plaintext: Uint8Array): Sealed {
  const [salt, nonce] = [systemRandom.bytes(32), systemRandom.bytes(12)];
  const { once, commitment } = otherConstruction(salt);
  const sealed = gcm(once, nonce, aad).encrypt(plaintext);
  const [ciphertext, tag] = [sealed.subarray(0, -16), sealed.subarray(-16)];
  return asSealed(Buffer.concat([Buffer.from("CRL1"), salt, commitment, nonce, tag, ciphertext]));
}

describe("against other implementations", () => {
  test("the one-shot key and the commitment are those of node's HKDF", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (salt) => {
        const { once, commitment } = otherConstruction(salt);
        const own = oneShot(key, salt, aad);
        expect(own.key.export().equals(once)).toBe(true);
        expect(own.commitment).toEqual(commitment);
      }),
    );
  });

  test("@noble/ciphers opens what Corral seals", () => {
    fc.assert(
      fc.property(values, (value) => {
        const sealed = sealBytes(key, aad, value, systemRandom);
        const { once } = otherConstruction(sealed.subarray(4, 36));
        const opened = gcm(once, sealed.subarray(68, 80), aad).decrypt(
          Buffer.concat([sealed.subarray(96), sealed.subarray(80, 96)]),
        );
        expect(opened.length % 64).toBe(0);
        expect(Buffer.from(opened).readUInt32BE()).toBe(value.length);
        expect(Buffer.from(opened.subarray(4, 4 + value.length)).equals(value)).toBe(true);
      }),
    );
  });

  test("Corral opens what @noble/ciphers seals", () => {
    const plaintext = Buffer.alloc(64);
    plaintext.writeUInt32BE(3);
    plaintext.write("abc", 4);
    expect(openBytes(key, aad, forge(plaintext))?.toString()).toBe("abc");
  });
});

describe("what opens", () => {
  test("a sealed value opens to itself, and its size tells its length only in steps of 64", () => {
    fc.assert(
      fc.property(values, (value) => {
        const sealed = sealBytes(key, aad, value, systemRandom);
        expect(sealed.length).toBe(96 + Math.ceil((4 + value.length) / 64) * 64);
        expect(openBytes(key, aad, sealed)?.equals(value)).toBe(true);
      }),
    );
  });

  test("two seals of one value have nothing in common but the format's name", () => {
    fc.assert(
      fc.property(values, (value) => {
        const [a, b] = [sealBytes(key, aad, value, systemRandom), sealBytes(key, aad, value, systemRandom)];
        for (const [from, to] of [
          [4, 36],
          [36, 68],
          [68, 80],
          [80, 96],
          [96, a.length],
        ] as const) {
          expect(Buffer.compare(a.subarray(from, to), b.subarray(from, to))).not.toBe(0);
        }
      }),
    );
  });
});

describe("what does not open", () => {
  const sealed = sealBytes(key, aad, Buffer.from("a value of some length"), systemRandom);

  test("a record with any one bit changed", () => {
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Uint8Array.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect(openBytes(key, aad, asSealed(changed)), `byte ${at}`).toBeUndefined();
    }
  });

  test("a record cut to any length, or longer", () => {
    for (let length = 0; length < sealed.length; length += 1) {
      expect(openBytes(key, aad, asSealed(sealed.subarray(0, length))), `${length} bytes`).toBeUndefined();
    }
    for (const more of [1, 63, 64]) {
      expect(openBytes(key, aad, asSealed(Buffer.concat([sealed, Buffer.alloc(more)])))).toBeUndefined();
    }
  });

  test("a record under other associated data or another key", () => {
    expect(openBytes(key, Buffer.concat([aad, Buffer.alloc(1)]), sealed)).toBeUndefined();
    expect(openBytes(sealingKey(systemRandom.bytes(32)), aad, sealed)).toBeUndefined();
  });

  test.each([
    ["a length beyond the plaintext", 61, 64],
    ["a length of four gigabytes", 0xffff_ffff, 64],
    ["a block more than is needed", 3, 128],
    ["no room for the length", 60, 128],
  ])("a plaintext with %s", (_name, length, size) => {
    const plaintext = Buffer.alloc(size);
    plaintext.writeUInt32BE(length);
    expect(openBytes(key, aad, forge(plaintext))).toBeUndefined();
  });

  test("a plaintext with anything but zeros in its padding", () => {
    for (let at = 7; at < 64; at += 1) {
      const plaintext = Buffer.alloc(64);
      plaintext.writeUInt32BE(3);
      plaintext[at] = 1;
      expect(openBytes(key, aad, forge(plaintext)), `byte ${at}`).toBeUndefined();
    }
  });
});
