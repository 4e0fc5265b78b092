/**
 * API tokens (security.md 2), in a form that scanners can match and a typo cannot pass:
 *
 *   crl_<kind>_<id: 12><_><secret: 43><checksum: 6>      base62; 256 bits of secret; CRC-32 of all that is before it
 *
 * The id finds the row, the secret proves it; only an HMAC of the secret is stored.
 */
import { crc32 } from "node:zlib";
import type { Random } from "@corral/base";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_LENGTH = 12;
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const TOKEN = new RegExp(
  `^crl_[uanjb]_([0-9A-Za-z]{${ID_LENGTH}})_([0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`,
);

/** user, account or automation, node, join, bootstrap */
export type TokenKind = "u" | "a" | "n" | "j" | "b";

export interface TokenParts {
  readonly id: string;
  readonly secret: string;
}

export function newTokenParts(random: Random): TokenParts {
  return { id: base62(random.bytes(9), ID_LENGTH).slice(-ID_LENGTH), secret: base62(random.bytes(32), SECRET_LENGTH) };
}

export function formatToken(kind: TokenKind, { id, secret }: TokenParts): string {
  const body = `crl_${kind}_${id}_${secret}`;
  return body + checksum(body);
}

/** undefined: not a token, or mistyped. */
export function parseToken(text: string): TokenParts | undefined {
  const [, id, secret, sum] = TOKEN.exec(text) ?? [];
  if (id === undefined || secret === undefined || sum !== checksum(text.slice(0, -CHECKSUM_LENGTH))) return undefined;
  return { id, secret };
}

function checksum(body: string): string {
  return base62Of(BigInt(crc32(body)), CHECKSUM_LENGTH);
}

function base62(bytes: Uint8Array, length: number): string {
  return base62Of(BigInt(`0x${Buffer.from(bytes).toString("hex")}`), length);
}

function base62Of(value: bigint, length: number): string {
  let digits = "";
  for (let rest = value; digits.length < length; rest /= 62n) digits = (DIGITS[Number(rest % 62n)] ?? "") + digits;
  return digits;
}
