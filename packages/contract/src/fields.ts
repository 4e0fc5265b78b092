/** The small schemas that bodies are made of. */
import { Redacted } from "@corral/base";
import { z } from "zod";

/** A NUL ends a string in too many places downstream. */
const withoutNul = z.string().refine((value) => !value.includes("\0"), "it contains a NUL");

/** Half of a surrogate pair cannot be kept in UTF-8. */
export const text = withoutNul.refine((value) => value.isWellFormed(), "it contains half of a character");

/** A variable's text. That it is well-formed is control's to say, which can name the binding. */
export const value = withoutNul;

/** A secret's: wrapped while the body is parsed, so that nothing after this line holds it bare. */
export const secretValue = withoutNul.transform((bare) => new Redacted(bare));

/** A form sends every scalar as text (wire.md 5.2). */
export const flag = z.preprocess((input) => (input === "true" ? true : input === "false" ? false : input), z.boolean());

const NUMBER = /^-?\d+(?:\.\d+)?$/;
export const amount = z.preprocess(
  (input) => (typeof input === "string" && NUMBER.test(input) ? Number(input) : input),
  z.number(),
);

/** Null and absent are one. */
export function orAbsent<S extends z.core.$ZodType>(schema: S) {
  return z.nullish(schema).transform((input) => input ?? undefined);
}
