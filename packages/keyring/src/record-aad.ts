import type { Uuid } from "@corral/base";
import { fields } from "./fields.ts";
import type { RecordIdentity } from "./types.ts";

/** Binds a record to all that it belongs to. The binding's name is not in it: the manifest binds that (design.md 6). */
export function recordAad(installId: Uuid, identity: RecordIdentity): Uint8Array {
  const { accountId, workerId, recordId, dataKeyId, type } = identity;
  return fields("corral/record/1", installId, accountId, workerId, recordId, dataKeyId, type);
}
