/** What the JSON columns must look like. Their sum has held; this refuses what a later or a foreign writer left there. */
export type Check<T> = (value: unknown) => value is T;

export const isString: Check<string> = (value) => typeof value === "string";
export const isNumber: Check<number> = (value) => typeof value === "number";
export const isBoolean: Check<boolean> = (value) => typeof value === "boolean";

export function orNull<T>(check: Check<T>): Check<T | null> {
  return (value): value is T | null => value === null || check(value);
}

export function listOf<T>(check: Check<T>): Check<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every((item: unknown) => check(item));
}

/** Further members do not disturb: a later release may have added them. */
export function objectWith<T>(members: { readonly [Key in keyof T]: Check<T[Key]> }): Check<T> {
  const entries = Object.entries<Check<unknown>>(members);
  return (value): value is T =>
    typeof value === "object" &&
    value !== null &&
    entries.every(([key, check]) => Object.hasOwn(value, key) && check((value as Record<string, unknown>)[key]));
}
