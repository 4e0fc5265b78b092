/**
 * The key file: one line, `CORRAL-KEK-1-` ‖ 64 hex digits of the key ‖ `-` ‖ 8 hex digits of a check sum.
 * The check sum tells a key that was cut or mistyped (malformed) from another installation's (wrong).
 */
import { Buffer } from "node:buffer";
import { hash } from "node:crypto";

const LINE = /^CORRAL-KEK-1-([0-9a-f]{64})-([0-9a-f]{8})\r?\n?$/;

export function formatKey(key: Uint8Array): string {
  return `CORRAL-KEK-1-${Buffer.from(key).toString("hex")}-${checkSum(key)}\n`;
}

/** undefined: malformed. */
export function parseKey(bytes: Uint8Array): Uint8Array | undefined {
  const [, hex, sum] = LINE.exec(Buffer.from(bytes).toString("latin1")) ?? [];
  if (hex === undefined || sum === undefined) return undefined;
  const key = Buffer.from(hex, "hex");
  return checkSum(key) === sum ? key : undefined;
}

function checkSum(key: Uint8Array): string {
  return hash("sha256", Buffer.concat([Buffer.from("corral/kek-file/1"), key]), "hex").slice(0, 8);
}
