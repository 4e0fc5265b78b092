import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, fromUtf8, tlv, toHex, u32be, utf8 } from "./bytes.ts";

const field = fc.oneof(fc.string({ unit: "binary", maxLength: 8 }), fc.uint8Array({ maxLength: 8 }));
const bytesOf = (each: string | Uint8Array): string => toHex(typeof each === "string" ? utf8(each) : each);

describe("TLV", () => {
  test("is the length of each field in four bytes, then the field", () => {
    expect(toHex(tlv("ab", new Uint8Array([0xff]), "", "é"))).toBe("00000002616200000001ff0000000000000002c3a9");
    expect(tlv()).toHaveLength(0);
  });

  test("of two lists is equal only if their fields are, one by one", () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 4 }), fc.array(field, { maxLength: 4 }), (a, b) => {
        const sameFields = JSON.stringify(a.map(bytesOf)) === JSON.stringify(b.map(bytesOf));
        expect(toHex(tlv(...a)) === toHex(tlv(...b))).toBe(sameFields);
      }),
      { numRuns: 500 },
    );
  });

  test("changes when a byte moves over the border of two fields", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2, maxLength: 12 }), fc.nat(), fc.nat(), (all, first, second) => {
        const [i, j] = [first % (all.length + 1), second % (all.length + 1)];
        fc.pre(i !== j);
        const split = (at: number) => toHex(tlv(all.subarray(0, at), all.subarray(at)));
        expect(split(i)).not.toBe(split(j));
      }),
    );
  });

  test("is read back field by field", () => {
    fc.assert(
      fc.property(fc.array(field), (list) => {
        const encoded = tlv(...list);
        const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.length);
        const read: string[] = [];
        for (let at = 0; at < encoded.length; at += 4 + view.getUint32(at)) {
          read.push(toHex(encoded.subarray(at + 4, at + 4 + view.getUint32(at))));
        }
        expect(read).toEqual(list.map(bytesOf));
      }),
    );
  });
});

describe("text and bytes", () => {
  test("UTF-8 goes both ways and keeps a byte order mark", () => {
    expect(fromUtf8(utf8("\uFEFFgrüße 🔑\0"))).toBe("\uFEFFgrüße 🔑\0");
    expect(() => fromUtf8(new Uint8Array([0xc3]))).toThrow(TypeError);
  });

  test("parts are put together in order", () => {
    expect(toHex(concat([u32be(1), new Uint8Array(0), u32be(0xffff_ffff)]))).toBe("00000001ffffffff");
    expect(concat([])).toHaveLength(0);
  });
});
