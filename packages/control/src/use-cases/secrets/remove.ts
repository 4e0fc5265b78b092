import { acceptedName, CorralError, isSecret } from "@corral/base";
import { authorise } from "../../authorise.ts";
import { mutate } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import { checkBindingName } from "../../rules/names.ts";
import { findBinding } from "../../rules/secret-edit.ts";
import { unwrap } from "../../rules/unwrap.ts";
import type { Caller } from "../../types.ts";
import { mustExist } from "../../views.ts";
import { NO_ANNOTATIONS } from "./annotations.ts";
import { decideEdit, mustBeFullyDeployed } from "./edit.ts";

/** A version without this secret, deployed at 100 %. Throws "secret.not-found" (10056). */
export async function removeSecret(parts: Parts, caller: Caller, worker: string, name: string): Promise<void> {
  authorise(caller, "secret.write");
  unwrap(checkBindingName(name));
  await mutate(parts, caller, worker, async (found) => {
    const state = mustExist(found);
    if (state.newest !== undefined) mustBeFullyDeployed(state);
    const present = findBinding(state.newest?.manifest.bindings ?? [], name);
    if (present === undefined || !isSecret(present)) throw secretNotFound(name);
    const options = { deploy: true, annotations: NO_ANNOTATIONS };
    const decision = await decideEdit(parts, caller, state, new Map([[name, null]]), options);
    return { ...(decision ?? { plan: undefined, next: state }), result: undefined };
  });
}

export function secretNotFound(name: string): CorralError {
  return new CorralError("secret.not-found", { params: { name: acceptedName(name) } });
}
