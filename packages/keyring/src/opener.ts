import { type AccountId, CorralError, fromUtf8, Redacted, type Sealed, type Uuid } from "@corral/base";
import { sealingKey } from "./derive.ts";
import { recordAad } from "./record-aad.ts";
import { openBytes } from "./record.ts";
import type { Opener, RecordIdentity, ReleasedKeys } from "./types.ts";

/** Opens the records of this one Worker, and of no other whatever identity it is shown. */
export function createOpener(installId: Uuid, accountId: AccountId, workerId: Uuid, released: ReleasedKeys): Opener {
  const dataKeys = new Map(released.dataKeys.map(({ keyId, key }) => [keyId, sealingKey(key)]));
  return {
    open(identity: RecordIdentity, sealed: Sealed): Redacted {
      const key = dataKeys.get(identity.dataKeyId);
      if (key === undefined || identity.accountId !== accountId || identity.workerId !== workerId) throw unopenable();
      const bytes = openBytes(key, recordAad(installId, identity), sealed);
      if (bytes === undefined) throw unopenable();
      try {
        return new Redacted(fromUtf8(bytes));
      } catch {
        throw unopenable();
      } finally {
        bytes.fill(0);
      }
    },
  };
}

/** One error for every cause: the message tells a prober nothing. */
function unopenable(): CorralError {
  return new CorralError("record.unopenable");
}
