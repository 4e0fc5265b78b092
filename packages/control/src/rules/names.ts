import { CorralError, err, ok, ownWord, type Result } from "@corral/base";

const WORKER_NAME = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const BINDING_NAME_LENGTH = 255;
/** Control, surrogate, separator, bidirectional override and non-characters: nothing that a list could not show. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/u;
/** A name that plain objects treat as something else. */
const PROTO = "__proto__";

/** Wire.md 11. Also a host label, so no dash at either end. */
export function checkWorkerName(name: string): Result<string, CorralError> {
  if (!WORKER_NAME.test(name) || name === PROTO) return err(new CorralError("worker.name-invalid"));
  return ok(name);
}

/** 1 to 255 printable characters (UTF-16 units); the real service stores names like `A@B` (wire.md 11). */
export function checkBindingName(name: string): Result<string, CorralError> {
  if (name.length === 0) return err(new CorralError("binding.nameless"));
  if (name.length > BINDING_NAME_LENGTH || UNPRINTABLE.test(name) || name === PROTO) {
    return err(new CorralError("binding.name-invalid"));
  }
  return ok(name);
}

/** A token's name, an account's: the same characters, no uniqueness. */
export function checkLabel(field: "name", label: string): Result<string, CorralError> {
  if (checkBindingName(label).ok) return ok(label);
  return err(
    new CorralError("request.field-invalid", {
      params: { field: ownWord(field), problem: ownWord("1 to 255 printable characters") },
    }),
  );
}

/** Byte order of the names' UTF-8, which is the order of their code points: how a manifest's bindings are sorted. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return weight(left) - weight(right);
  }
  return a.length - b.length;
}

/** UTF-16 puts surrogates below U+E000…U+FFFF; code points beyond them come last. */
function weight(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
