import { Buffer } from "node:buffer";
import { tlv } from "@corral/base";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fields } from "./fields.ts";

test("is the encoding of base, byte for byte", () => {
  const field = fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array(), fc.constant("\ud800 lone"));
  fc.assert(
    fc.property(fc.array(field), (list) => {
      expect(Buffer.compare(fields(...list), tlv(...list))).toBe(0);
    }),
  );
});
