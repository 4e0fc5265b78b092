import { Buffer } from "node:buffer";
import { createHmac, type KeyObject } from "node:crypto";
import type { AccountId, Random, Redacted, Uuid } from "@corral/base";
import type { SealingKey } from "./derive.ts";
import { fields } from "./fields.ts";
import { recordAad } from "./record-aad.ts";
import { sealBytes } from "./record.ts";
import { sameBytes } from "./same-bytes.ts";
import type { RecordType, SealedRecord, Sealer } from "./types.ts";

export interface SealerKeys {
  readonly dataKeyId: Uuid;
  readonly dataKey: SealingKey;
  readonly fingerprintKey: KeyObject;
}

export interface SealerOwner {
  readonly installId: Uuid;
  readonly accountId: AccountId;
  readonly workerId: Uuid;
}

export function createSealer(owner: SealerOwner, keys: SealerKeys, random: Random): Sealer {
  const { installId, accountId, workerId } = owner;
  const { dataKeyId, dataKey, fingerprintKey } = keys;
  const fingerprintOf = (type: RecordType, bytes: Uint8Array): Uint8Array =>
    createHmac("sha256", fingerprintKey)
      .update(fields("corral/fingerprint/1", type, bytes))
      .digest();

  return {
    seal(recordId, type, value): SealedRecord {
      return withBytes(value, (bytes) => {
        const aad = recordAad(installId, { accountId, workerId, recordId, dataKeyId, type });
        return { recordId, dataKeyId, sealed: sealBytes(dataKey, aad, bytes, random), fingerprint: fingerprintOf(type, bytes) };
      });
    },
    fingerprint: (type, value) => withBytes(value, (bytes) => fingerprintOf(type, bytes)),
    sameFingerprint: sameBytes,
  };
}

/** The value's UTF-8, wiped afterwards. A lone surrogate has none: it would come back as another value. */
function withBytes<T>(value: Redacted, use: (bytes: Uint8Array) => T): T {
  const text = value.reveal();
  if (!text.isWellFormed()) throw new Error("internal: a value that is not well-formed Unicode");
  const bytes = Buffer.from(text);
  try {
    return use(bytes);
  } finally {
    bytes.fill(0);
  }
}
