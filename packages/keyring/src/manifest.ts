/**
 * A version's canonical bytes: JSON with the keys in this file's order, without spaces, undefined left out.
 *
 * The MAC covers the bytes, so the order only has to be the same within one write; it is fixed all the same, so that
 * golden vectors stay true and two equal versions have equal bytes.
 */
import { type Binding, type Manifest, type ManifestModule, parseJson, utf8 } from "@corral/base";

export function encodeManifest(manifest: Manifest): Uint8Array {
  const { limits } = manifest;
  return utf8(
    JSON.stringify({
      format: manifest.format,
      versionId: manifest.versionId,
      workerId: manifest.workerId,
      number: manifest.number,
      createdOn: manifest.createdOn,
      tag: manifest.tag,
      syntax: manifest.syntax,
      mainModule: manifest.mainModule,
      modules: manifest.modules.map(orderModule),
      compatibilityDate: manifest.compatibilityDate,
      compatibilityFlags: manifest.compatibilityFlags,
      usageModel: manifest.usageModel,
      limits: limits === null ? null : { cpuMs: limits.cpuMs, subrequests: limits.subrequests },
      placement: manifest.placement,
      bindings: manifest.bindings.map(orderBinding),
    }),
  );
}

/** undefined: not a manifest of a known format. Only for bytes whose MAC held: their shape is then what we wrote. */
export function decodeManifest(bytes: Uint8Array): Manifest | undefined {
  const parsed = parseJson(bytes);
  if (!parsed.ok) return undefined;
  const value = parsed.value as { readonly format?: unknown } | null;
  return value?.format === 1 ? (value as unknown as Manifest) : undefined;
}

function orderModule({ name, type, contentType, sha256, size }: ManifestModule): ManifestModule {
  return { name, type, contentType, sha256, size };
}

function orderBinding(binding: Binding): Binding {
  const { name } = binding;
  switch (binding.type) {
    case "plain_text":
      return { type: binding.type, name, text: binding.text };
    case "json":
      return { type: binding.type, name, json: binding.json };
    case "secret_text":
      return { type: binding.type, name, recordId: binding.recordId };
    case "secret_key": {
      const { recordId, format, algorithm, usages } = binding;
      return { type: binding.type, name, recordId, format, algorithm, usages };
    }
    case "version_metadata":
      return { type: binding.type, name };
    case "service": {
      const { service, environment, entrypoint } = binding;
      return { type: binding.type, name, service, environment, entrypoint };
    }
    case "wasm_module":
    case "text_blob":
    case "data_blob":
      return { type: binding.type, name, part: binding.part };
    case "placeholder":
      return { type: binding.type, name, declaredType: binding.declaredType, detail: binding.detail };
  }
}
