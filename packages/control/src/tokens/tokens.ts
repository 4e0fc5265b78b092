/** Making and checking tokens. A database thief can neither use a row nor forge one: the token key is wrapped. */
import { timingSafeEqual } from "node:crypto";
import { type AccountId, type Clock, CorralError, ownWord, type Random, Redacted, timestamp } from "@corral/base";
import type { Store, TokenRow } from "@corral/storage";
import { Lru } from "../state/lru.ts";
import type { Caller, Scope } from "../types.ts";
import { formatToken, newTokenParts, parseToken, type TokenKind } from "./format.ts";

export type TokenMac = (...fields: readonly (string | Uint8Array)[]) => Uint8Array;

export interface NewToken {
  readonly accountId: AccountId;
  readonly name: string;
  readonly kind: TokenKind;
  readonly scopes: readonly Scope[];
  readonly expiresOn: string | null;
}

/** The row is to be committed by the caller; the token is shown once. */
export function makeToken(
  mac: TokenMac,
  random: Random,
  createdOn: string,
  token: NewToken,
): { readonly row: TokenRow; readonly token: Redacted } {
  const parts = newTokenParts(random);
  const { accountId, name, scopes, expiresOn } = token;
  const row = { tokenId: parts.id, accountId, digest: digestOf(mac, parts.id, parts.secret), name, scopes, createdOn, expiresOn };
  return { row, token: new Redacted(formatToken(token.kind, parts)) };
}

function digestOf(mac: TokenMac, tokenId: string, secret: string): Uint8Array {
  return mac("corral/token/1", tokenId, secret);
}

const CACHED_TOKENS = 1000;
/** How long a token that another replica revoked may still be taken. */
const CACHE_MS = 5000;
const NO_SECRET = "0".repeat(43);

export class Tokens {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #mac: TokenMac;
  readonly #rows = new Lru<{ readonly row: TokenRow; readonly until: number }>(CACHED_TOKENS);

  constructor(store: Store, clock: Clock, mac: TokenMac) {
    this.#store = store;
    this.#clock = clock;
    this.#mac = mac;
  }

  /** undefined: unknown, malformed, expired. An HMAC and a comparison are done in each case. */
  async authenticate(token: Redacted): Promise<Pick<Caller, "tokenId" | "accountId" | "scopes"> | undefined> {
    const parts = parseToken(token.reveal());
    const row = parts === undefined ? undefined : await this.#find(parts.id);
    const digest = digestOf(this.#mac, parts?.id ?? "", parts?.secret ?? NO_SECRET);
    const expected = row?.digest.length === digest.length ? row.digest : new Uint8Array(digest.length);
    const same = timingSafeEqual(digest, expected);
    if (row === undefined || !same || this.#isExpired(row)) return undefined;
    return { tokenId: row.tokenId, accountId: row.accountId, scopes: row.scopes as readonly Scope[] };
  }

  forget(tokenId: string): void {
    this.#rows.delete(tokenId);
  }

  async #find(tokenId: string): Promise<TokenRow | undefined> {
    const known = this.#rows.get(tokenId);
    if (known !== undefined && this.#clock.monotonic() < known.until) return known.row;
    const row = await this.#store.install.findToken(tokenId);
    if (row === undefined) this.#rows.delete(tokenId);
    else this.#rows.set(tokenId, { row, until: this.#clock.monotonic() + CACHE_MS });
    return row;
  }

  #isExpired({ expiresOn }: TokenRow): boolean {
    return expiresOn !== null && expiresOn <= timestamp(this.#clock.now());
  }
}

/** Throws "request.field-invalid" for a time that is none. Stored in the one form that sorts. */
export function expiryOf(expiresOn: string | null): string | null {
  if (expiresOn === null) return null;
  const at = Date.parse(expiresOn);
  if (Number.isNaN(at) || Math.abs(at) > 8.64e15) throw invalidExpiry();
  return timestamp(at);
}

function invalidExpiry(): CorralError {
  return new CorralError("request.field-invalid", {
    params: { field: ownWord("expires_on"), problem: ownWord("not a time in ISO 8601") },
  });
}
