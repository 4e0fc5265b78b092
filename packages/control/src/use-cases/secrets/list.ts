import { isSecret, type SecretBinding } from "@corral/base";
import { authorise } from "../../authorise.ts";
import type { Parts } from "../../parts.ts";
import { checkBindingName } from "../../rules/names.ts";
import { unwrap } from "../../rules/unwrap.ts";
import type { Caller, SecretView } from "../../types.ts";
import { mustExist } from "../../views.ts";
import { secretNotFound } from "./remove.ts";

/** The newest version's secrets, by name; none for a Worker without versions. */
export async function listSecrets(parts: Parts, caller: Caller, worker: string): Promise<readonly SecretView[]> {
  authorise(caller, "secret.list");
  const state = mustExist(await parts.workers.find(caller.accountId, worker));
  const bindings = state.newest?.manifest.bindings ?? [];
  return bindings.filter(isSecret).map(secretView);
}

function secretView(binding: SecretBinding): SecretView {
  const { name, type } = binding;
  if (binding.type === "secret_text") return { name, type };
  const { format, algorithm, usages } = binding;
  return { name, type, key: { format, algorithm, usages } };
}

/** Throws "secret.not-found" (10056). */
export async function getSecret(parts: Parts, caller: Caller, worker: string, name: string): Promise<SecretView> {
  unwrap(checkBindingName(name));
  const secrets = await listSecrets(parts, caller, worker);
  const found = secrets.find((secret) => secret.name === name);
  if (found === undefined) throw secretNotFound(name);
  return found;
}
