/** The small schemas that bodies are made of. */
import { Redacted } from "@corral/base";
import { z } from "zod";

/** A NUL ends a string in too many places downstream, and half of a surrogate pair cannot be kept in UTF-8. */
export const text = z
  .string()
  .refine((value) => !value.includes("\0"), "it contains a NUL")
  .refine((value) => value.isWellFormed(), "it contains half of a character");

/** A value: wrapped while the body is parsed, so that nothing after this line holds it bare. */
export const secretValue = text.transform((value) => new Redacted(value));

/** A form sends every scalar as text (wire.md 5.2). */
export const flag = z.preprocess((value) => (value === "true" ? true : value === "false" ? false : value), z.boolean());

const NUMBER = /^-?\d+(?:\.\d+)?$/;
export const amount = z.preprocess(
  (value) => (typeof value === "string" && NUMBER.test(value) ? Number(value) : value),
  z.number(),
);

/** Null and absent are one. */
export function orAbsent<S extends z.core.$ZodType>(schema: S) {
  return z.nullish(schema).transform((value) => value ?? undefined);
}
