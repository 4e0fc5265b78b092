import { authorise } from "../../authorise.ts";
import { mutate } from "../../mutate.ts";
import type { Parts } from "../../parts.ts";
import { checkBindingName } from "../../rules/names.ts";
import { unwrap } from "../../rules/unwrap.ts";
import type { Caller, SecretInput } from "../../types.ts";
import { mustExist } from "../../views.ts";
import { decideEdit, mustBeFullyDeployed } from "./edit.ts";
import { NO_ANNOTATIONS } from "./annotations.ts";

/** A version with this secret set, deployed at 100 % in the same commit (wire.md 6.1). */
export async function putSecret(parts: Parts, caller: Caller, worker: string, secret: SecretInput): Promise<void> {
  authorise(caller, "secret.write");
  unwrap(checkBindingName(secret.name));
  await mutate(parts, caller, worker, async (found) => {
    const state = mustExist(found);
    if (state.newest !== undefined) mustBeFullyDeployed(state);
    const options = { deploy: true, annotations: NO_ANNOTATIONS };
    const decision = await decideEdit(parts, caller, state, new Map([[secret.name, secret]]), options);
    return { ...(decision ?? { plan: undefined, next: state }), result: undefined };
  });
}
