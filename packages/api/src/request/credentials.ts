/** From headers to a caller, with the refusals of wire.md 3. A token is `Redacted` from here on. */
import { CorralError, Redacted } from "@corral/base";
import type { Caller, Control } from "@corral/control";

type Header = (name: string) => string | undefined;

const BEARER = /^Bearer ([\x21-\x7e]{1,1024})$/i;
const KEY = /^[\x21-\x7e]{1,1024}$/;

export type Principal = Pick<Caller, "tokenId" | "accountId" | "scopes">;

/** Throws what the real service says to a token that it does not know, which depends on where it is shown. */
export async function authenticate(control: Control, header: Header, refusal: "token" | "access" | "denied"): Promise<Principal> {
  const principal = await control.authenticate(readToken(header));
  if (principal !== undefined) return principal;
  if (refusal === "token") throw new CorralError("auth.invalid-token");
  if (refusal === "access") throw new CorralError("auth.invalid-access-token");
  throw new CorralError("auth.denied");
}

/** `X-Auth-Key` with `X-Auth-Email` carries a token of ours too; the address is not looked at. */
function readToken(header: Header): Redacted {
  const authorization = header("authorization");
  if (authorization !== undefined) {
    const token = BEARER.exec(authorization.trim())?.[1];
    if (token === undefined) throw malformed();
    return new Redacted(token);
  }
  const key = header("x-auth-key");
  if (key === undefined || header("x-auth-email") === undefined) throw new CorralError("auth.missing");
  if (!KEY.test(key)) throw malformed();
  return new Redacted(key);
}

function malformed(): CorralError {
  return new CorralError("auth.malformed", { chain: [new CorralError("auth.malformed-authorization")] });
}
