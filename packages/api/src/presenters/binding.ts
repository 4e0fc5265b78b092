/** Bindings as they may be shown (wire.md 5.4): of a secret its name and type, never its value; there is none here to show. */
import type { Binding } from "@corral/base";
import type { WireBindingView, WireSecret, WireSecretView } from "@corral/contract";
import type { SecretView } from "@corral/control";
import { fromJsonText, objectOf } from "./json.ts";

export function presentBinding(binding: Binding): WireBindingView {
  switch (binding.type) {
    case "plain_text":
      return { name: binding.name, type: binding.type, text: binding.text };
    case "json":
      return { name: binding.name, type: binding.type, json: fromJsonText(binding.json) };
    case "secret_text":
    case "version_metadata":
      return { name: binding.name, type: binding.type };
    case "secret_key":
      return {
        name: binding.name,
        type: binding.type,
        format: binding.format,
        algorithm: fromJsonText(binding.algorithm),
        usages: binding.usages,
      };
    case "service":
      return {
        name: binding.name,
        type: binding.type,
        service: binding.service,
        ...(binding.environment !== null && { environment: binding.environment }),
        ...(binding.entrypoint !== null && { entrypoint: binding.entrypoint }),
      };
    case "wasm_module":
    case "text_blob":
    case "data_blob":
      return { name: binding.name, type: binding.type, part: binding.part };
    case "placeholder":
      return { ...objectOf(fromJsonText(binding.detail)), name: binding.name, type: binding.declaredType };
  }
}

/** S/bindings: cloudflare-go v0 panics where a service has no environment; elsewhere Terraform would see a change. */
export function presentBindingsForGo(bindings: readonly Binding[]): readonly WireBindingView[] {
  return presentBindings(bindings).map((view) => (view.type === "service" ? { environment: "production", ...view } : view));
}

/** Ascending by name: Terraform matches by position (other-clients.md 6.14). Manifests hold them sorted. */
export function presentBindings(bindings: readonly Binding[]): readonly WireBindingView[] {
  return bindings.map(presentBinding);
}

export function presentSecret({ name, type, key }: SecretView): WireSecretView {
  if (key === undefined) return { name, type };
  return { name, type, format: key.format, algorithm: fromJsonText(key.algorithm), usages: key.usages };
}

/** A secret that was just put, as S/secrets will list it. */
export function presentSecretInput(secret: WireSecret): WireSecretView {
  const { name, type } = secret;
  if (secret.type === "secret_text") return { name, type };
  const { format, algorithm, usages } = secret;
  return presentSecret({ name, type, key: { format, algorithm, usages } });
}
