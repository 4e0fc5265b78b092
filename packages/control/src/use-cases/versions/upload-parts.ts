import { authorise } from "../../authorise.ts";
import type { BindingInput, Caller, Upload } from "../../types.ts";
import type { MakeVersion } from "./make.ts";

/** A deployer that states values writes secrets too. */
export function authoriseUpload(caller: Caller, bindings: readonly BindingInput[]): void {
  authorise(caller, "worker.write");
  if (bindings.some(({ type }) => type === "secret_text" || type === "secret_key")) authorise(caller, "secret.write");
}

/** What PUT and POST versions have in common. */
export function uploadParts(
  upload: Upload,
): Pick<MakeVersion, "code" | "bindings" | "keep" | "strictInherit" | "runtime" | "annotations" | "prove"> {
  const { syntax, mainModule, modules, message, tag, alias } = upload;
  const { compatibilityDate, compatibilityFlags, usageModel, limits, placement } = upload;
  return {
    code: { syntax, mainModule, modules },
    bindings: upload.bindings,
    keep: upload.keepBindings,
    strictInherit: upload.strictInherit,
    runtime: { compatibilityDate, compatibilityFlags, usageModel, limits, placement },
    annotations: { message, tag, alias },
    prove: true,
  };
}
