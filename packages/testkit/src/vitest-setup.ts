/**
 * Vitest's `toEqual` and node's deepEqual call two `Redacted` with different values equal, so a wrong-secret bug
 * would pass. This tester makes them differ.
 */
import { Redacted } from "@corral/base";
import { expect } from "vitest";

expect.addEqualityTesters([
  (a: unknown, b: unknown): boolean | undefined => {
    const left = a instanceof Redacted;
    const right = b instanceof Redacted;
    if (!left && !right) return undefined;
    return left && right && Object.is(a.reveal(), b.reveal());
  },
]);
