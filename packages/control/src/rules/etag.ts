import { hash } from "node:crypto";
import { type ManifestModule, tlv } from "@corral/base";

/** Tells one version's code from another's: the same modules have the same tag. */
export function etagOf(mainModule: string, modules: readonly ManifestModule[]): string {
  const fields = modules.flatMap(({ name, type, sha256 }) => [name, type, sha256]);
  return hash("sha256", tlv("corral/etag/1", mainModule, ...fields), "hex");
}
