import type { CorralError, Result } from "@corral/base";

/** Where a rule's answer meets a use case: a failure is thrown as it is. */
export function unwrap<T>(result: Result<T, CorralError>): T {
  if (!result.ok) throw result.error;
  return result.value;
}
