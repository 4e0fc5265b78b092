/** What can be said of stated bindings before anything is sealed or read: names, duplicates, types, sizes. */
import { acceptedName, CorralError, err, ok, type Redacted, type Result } from "@corral/base";
import type { Limits } from "../limits.ts";
import type { BindingInput } from "../types.ts";
import { isUnservedType, type UnsupportedPolicy } from "./binding-types.ts";
import { countText } from "./env-size.ts";
import { checkBindingName } from "./names.ts";

export function checkInputs(
  inputs: readonly BindingInput[],
  limits: Pick<Limits, "valueBytes" | "bindings">,
  unsupported: UnsupportedPolicy,
): Result<undefined, CorralError> {
  if (inputs.length > limits.bindings) return tooMany(inputs.length, limits.bindings);
  const seen = new Set<string>();
  for (const input of inputs) {
    const named = checkBindingName(input.name);
    if (!named.ok) return named;
    if (seen.has(input.name)) return err(new CorralError("binding.duplicate", { params: { name: acceptedName(input.name) } }));
    seen.add(input.name);
    const problem = checkInput(input, limits.valueBytes, unsupported);
    if (problem !== undefined) return err(problem);
  }
  return ok(undefined);
}

function checkInput(input: BindingInput, limit: number, unsupported: UnsupportedPolicy): CorralError | undefined {
  switch (input.type) {
    case "secret_text":
    case "secret_key": {
      const measured = measureSecret(input.name, input.value, limit);
      return measured.ok ? undefined : measured.error;
    }
    case "plain_text":
      return checkValue(input.name, input.text, limit);
    case "json":
      return checkValue(input.name, input.json, limit);
    case "unsupported":
      return checkUnsupported(input.declaredType, input.name, unsupported);
    default:
      return undefined;
  }
}

function checkUnsupported(type: string, name: string, policy: UnsupportedPolicy): CorralError | undefined {
  if (!isUnservedType(type)) return new CorralError("binding.unknown-type");
  if (policy === "placeholder") return undefined;
  return new CorralError("binding.unsupported", { params: { type: acceptedName(type), name: acceptedName(name) } });
}

/** Bytes as they will be sealed, and as workerd will count them. */
export interface SecretSize {
  readonly countedBytes: number;
}

/** The one place in control that looks at a value: at its length and its alphabet. */
export function measureSecret(name: string, value: Redacted, limit: number): Result<SecretSize, CorralError> {
  const text = value.reveal();
  const problem = checkValue(name, text, limit);
  return problem === undefined ? ok({ countedBytes: countText(text) }) : err(problem);
}

function checkValue(name: string, text: string, limit: number): CorralError | undefined {
  const size = Buffer.byteLength(text);
  if (size > limit) return new CorralError("secret.too-large", { params: { name: acceptedName(name), size, limit } });
  // Would come back as other characters: UTF-8 cannot carry half a pair.
  return text.isWellFormed() ? undefined : new CorralError("binding.value-malformed", { params: { name: acceptedName(name) } });
}

export function tooMany(count: number, limit: number): { readonly ok: false; readonly error: CorralError } {
  return err(new CorralError("binding.too-many", { params: { count, limit } }));
}
