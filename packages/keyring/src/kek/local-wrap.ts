/**
 * For providers that hold their key in this process: the construction of a record under the KEK, with
 * aad = TLV("corral/kek-wrap/1", then name and value of each entry of ctx, names ascending).
 */
import type { KeyObject } from "node:crypto";
import { createHmac, createSecretKey } from "node:crypto";
import { CorralError, type Random } from "@corral/base";
import { sealingKey } from "../derive.ts";
import { fields } from "../fields.ts";
import { openBytes, sealBytes } from "../record.ts";
import type { KekProvider } from "../types.ts";

export function localKek(kind: string, key: Uint8Array, random: Random): KekProvider {
  const sealing = sealingKey(key);
  const keyId = keyIdOf(createSecretKey(key));
  return {
    kind,
    keyId: async () => keyId,
    wrap: async (plain, ctx) => sealBytes(sealing, contextAad(ctx), plain, random),
    async unwrap(wrapped, ctx) {
      const plain = openBytes(sealing, contextAad(ctx), wrapped);
      if (plain === undefined) throw new CorralError("kek.wrong");
      return plain;
    },
  };
}

/** Tells keys apart and says nothing about them. */
function keyIdOf(key: KeyObject): string {
  return createHmac("sha256", key).update(fields("corral/kek-id/1")).digest("hex").slice(0, 16);
}

function contextAad(ctx: Readonly<Record<string, string>>): Uint8Array {
  const names = Object.keys(ctx).toSorted();
  return fields("corral/kek-wrap/1", ...names.flatMap((name) => [name, ctx[name] ?? ""]));
}
