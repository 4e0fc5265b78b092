/**
 * Text that may stand in a message: the type is the allow-list.
 *
 * A message is fixed text with such parameters and nothing else. A name that was refused is never one.
 */
declare const safe: unique symbol;
export type SafeText = string & { readonly [safe]: true };
export type SafeParam = SafeText | number;

/** A name that has passed its validation (a Worker, a binding, a binding type). */
export function acceptedName(name: string): SafeText {
  return name as SafeText;
}

const ID = /^[0-9a-f]{8}(?:[0-9a-f]{24}|-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** A uuid or 32 hex digits; anything else is a bug of the caller. */
export function safeId(id: string): SafeText {
  if (!ID.test(id)) throw new Error("internal: not an id");
  return id as SafeText;
}

/** A word of our own source code; never pass input. */
export function ownWord(word: string): SafeText {
  return word as SafeText;
}

/** What the redactor let through (a start-up error of a Worker); only redaction's output may come here. */
export function redactedText(text: string): SafeText {
  return text as SafeText;
}
