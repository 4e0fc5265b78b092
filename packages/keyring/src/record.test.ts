import { Buffer } from "node:buffer";
import { asSealed, type Random } from "@corral/base";
import { describe, expect, test } from "vitest";
import vectors from "../vectors/crl1-vectors.json" with { type: "json" };
import { sealingKey } from "./derive.ts";
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
