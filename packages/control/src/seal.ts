/** Values become records here, and here alone. */
import { newUuid, type SecretBinding } from "@corral/base";
import type { RecordRow } from "@corral/storage";
import type { Parts } from "./parts.ts";
import { measureSecret } from "./rules/binding-inputs.ts";
import type { StatedBinding } from "./rules/bindings.ts";
import { unwrap } from "./rules/unwrap.ts";
import type { WorkerState } from "./state/workers.ts";
import type { BindingInput, SecretInput } from "./types.ts";

export interface SealedSecret {
  readonly binding: SecretBinding;
  readonly record: RecordRow;
}

/** Throws "secret.too-large". */
export function sealSecret(parts: Parts, state: WorkerState, secret: SecretInput, createdOn: string): SealedSecret {
  const { countedBytes } = unwrap(measureSecret(secret.name, secret.value, parts.limits.valueBytes));
  const recordId = newUuid(parts.ids);
  const { dataKeyId, sealed, fingerprint } = state.crypto.sealer.seal(recordId, secret.type, secret.value);
  parts.faults.reached("secret.sealed");
  const { workerId } = state.worker;
  const record = { recordId, workerId, dataKeyId, type: secret.type, sealed, fingerprint, countedBytes, createdOn };
  return { binding: bindingOf(secret, recordId), record };
}

function bindingOf(secret: SecretInput, recordId: string): SecretBinding {
  if (secret.type === "secret_text") return { type: "secret_text", name: secret.name, recordId };
  const { name, format, algorithm, usages } = secret;
  return { type: "secret_key", name, recordId, format, algorithm, usages };
}

export interface Stated {
  readonly bindings: readonly StatedBinding[];
  readonly records: readonly RecordRow[];
}

/** An upload's bindings with their secrets sealed, in the order in which they were stated. */
export function sealStated(parts: Parts, state: WorkerState, inputs: readonly BindingInput[], createdOn: string): Stated {
  const bindings: StatedBinding[] = [];
  const records: RecordRow[] = [];
  for (const input of inputs) {
    if (input.type !== "secret_text" && input.type !== "secret_key") {
      bindings.push(input);
      continue;
    }
    const { binding, record } = sealSecret(parts, state, input, createdOn);
    bindings.push(binding);
    records.push(record);
  }
  return { bindings, records };
}
