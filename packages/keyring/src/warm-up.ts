import { newUuid, Redacted, type Random } from "@corral/base";
import { sealingKey } from "./derive.ts";
import { createOpener } from "./opener.ts";
import { createSealer } from "./sealer.ts";
import { createSecretKey } from "node:crypto";

/** Enough for the compiler to have seen the path and OpenSSL to have fetched its algorithms; some 10 ms. */
const ROUNDS = 300;

/** Seals and opens with throw-away keys, so that the first real record of a fresh process is not several times slower. */
export function warmUp(random: Random): void {
  const [installId, workerId, dataKeyId, recordId] = [newUuid(random), newUuid(random), newUuid(random), newUuid(random)];
  const accountId = "0".repeat(32);
  const key = random.bytes(32);
  const keys = { dataKeyId, dataKey: sealingKey(key), fingerprintKey: createSecretKey(random.bytes(32)) };
  const sealer = createSealer({ installId, accountId, workerId }, keys, random);
  const released = { manifestKey: random.bytes(32), dataKeys: [{ keyId: dataKeyId, key }] };
  const opener = createOpener(installId, accountId, workerId, released);
  const value = new Redacted("warm-up");
  for (let round = 0; round < ROUNDS; round += 1) {
    const { sealed } = sealer.seal(recordId, "secret_text", value);
    opener.open({ accountId, workerId, recordId, dataKeyId, type: "secret_text" }, sealed);
  }
}
