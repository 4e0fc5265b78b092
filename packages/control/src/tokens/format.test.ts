import { systemRandom } from "@corral/base";
import { describe, expect, it } from "vitest";
import { formatToken, newTokenParts, parseToken } from "./format.ts";

describe("a token", () => {
  it("is read as it was written, whatever the random bytes", () => {
    const sources = [
      systemRandom,
      { bytes: (n: number) => new Uint8Array(n) },
      { bytes: (n: number) => new Uint8Array(n).fill(255) },
    ];
    for (const random of sources) {
      const parts = newTokenParts(random);
      const text = formatToken("u", parts);
      expect(text).toMatch(/^crl_u_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
      expect(parseToken(text)).toEqual(parts);
    }
  });

  it("with two characters exchanged is a typo", () => {
    const text = formatToken("a", { id: "abcdefghijkl", secret: "0123456789".repeat(4) + "abc" });
    const swapped = Array.from({ length: text.length - 7 }, (_, at) => at + 6)
      .map((at) => text.slice(0, at) + (text[at + 1] ?? "") + (text[at] ?? "") + text.slice(at + 2))
      .filter((typo) => typo !== text);
    expect(swapped.filter((typo) => parseToken(typo) !== undefined)).toEqual([]);
  });
});
