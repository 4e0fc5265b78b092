/** What a secret put, delete or bulk makes of the newest version's bindings. Everything else stays as it is. */
import { acceptedName, type Binding, CorralError, err, isSecret, ok, type Result, type SecretBinding } from "@corral/base";
import { tooMany } from "./binding-inputs.ts";
import { compareNames } from "./names.ts";

/** null deletes; deleting what is not there is no error (wire.md 6.2). */
export type SecretEdit = readonly { readonly name: string; readonly secret: SecretBinding | null }[];

export interface EditedBindings {
  readonly bindings: readonly Binding[];
  /** Secrets that went or were replaced. */
  readonly dropped: readonly SecretBinding[];
}

/**
 * `bindings` and the result are sorted by name. One edit costs a binary search and one copy.
 * Refuses a name that a binding of another kind has (10053), and more bindings than the limit (10055).
 */
export function editSecrets(
  bindings: readonly Binding[],
  edit: SecretEdit,
  maxBindings: number,
): Result<EditedBindings, CorralError> {
  const edited = bindings.slice();
  const dropped: SecretBinding[] = [];
  for (const { name, secret } of edit) {
    const at = lowerBound(edited, name);
    const present = edited[at]?.name === name ? edited[at] : undefined;
    if (present !== undefined && !isSecret(present)) {
      if (secret === null) continue;
      return err(new CorralError("secret.name-taken", { params: { name: acceptedName(name) } }));
    }
    if (present !== undefined) dropped.push(present);
    if (secret !== null) edited.splice(at, present === undefined ? 0 : 1, secret);
    else if (present !== undefined) edited.splice(at, 1);
  }
  if (edited.length > maxBindings && edited.length > bindings.length) return tooMany(edited.length, maxBindings);
  return ok({ bindings: edited, dropped });
}

export function findBinding(bindings: readonly Binding[], name: string): Binding | undefined {
  const found = bindings[lowerBound(bindings, name)];
  return found?.name === name ? found : undefined;
}

function lowerBound(bindings: readonly Binding[], name: string): number {
  let low = 0;
  let high = bindings.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareNames(bindings[middle]?.name ?? "", name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
