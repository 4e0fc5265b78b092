/** What a secret costs in the keyring, on the path that the product takes. */
import { createCipheriv, createSecretKey, randomBytes } from "node:crypto";
import { newAccountId, newUuid, Redacted, systemRandom, tlv } from "@corral/base";
import { createKeyring, createMemoryKek, createOpener, type RecordIdentity, warmUp } from "@corral/keyring";
import { atMost, type Bench, type Row } from "./rows.ts";
import { median, medianRatio, microsecondsPerCall, ROUNDS, takeTurns } from "./rounds.ts";

const SEALS = 20_000;
const VALUE_BYTES = 64;
const RECORDS = 100;
const OPENINGS = 200;

export const crypto: Bench = {
  name: "crypto",
  async run(): Promise<readonly Row[]> {
    warmUp(systemRandom);
    const bench = await prepare();
    const results = await takeTurns({
      bare: () => microsecondsPerCall(SEALS, bench.sealBare),
      seal: () => microsecondsPerCall(SEALS, bench.seal),
      fingerprint: () => microsecondsPerCall(SEALS, bench.fingerprint),
      openAll: () => median(Array.from({ length: OPENINGS }, () => microsecondsPerCall(1, bench.openAll) / 1000)),
    });
    const withoutFingerprint = results.seal.map((value, round) => value - (results.fingerprint[round] ?? 0));
    return [
      {
        name: "seal 64 B / bare AES-GCM",
        value: medianRatio(withoutFingerprint, results.bare),
        unit: "x",
        goal: atMost(2),
        rounds: ROUNDS,
        note: "a record with its own key, commitment and padding, against AES-256-GCM with one constant KeyObject, a random nonce and the same associated data, both into one array; the fingerprint, timed in the same round, is taken off",
      },
      { name: "seal 64 B and fingerprint / bare", value: medianRatio(results.seal, results.bare), unit: "x", rounds: ROUNDS },
      {
        name: "open a version of 100 secrets, warm",
        value: median(results.openAll),
        unit: "ms",
        goal: atMost(1),
        rounds: ROUNDS,
      },
    ];
  },
};

async function prepare() {
  const installId = newUuid(systemRandom);
  const accountId = newAccountId(systemRandom);
  const workerId = newUuid(systemRandom);
  const { keyring } = await createKeyring({ installId, keks: [createMemoryKek(systemRandom)], random: systemRandom });
  const keys = keyring.createWorkerKeys(accountId, workerId, "2026-01-01T00:00:00.000000Z");
  const sealer = keyring.sealer(accountId, workerId, keys);
  const value = new Redacted("v".repeat(VALUE_BYTES));
  const recordId = newUuid(systemRandom);

  const opener = createOpener(installId, accountId, workerId, keyring.release(workerId, keys));
  const records = Array.from({ length: RECORDS }, () => sealer.seal(newUuid(systemRandom), "secret_text", value));
  const version = records.map(({ recordId: id, dataKeyId, sealed }) => {
    const identity: RecordIdentity = { accountId, workerId, recordId: id, dataKeyId, type: "secret_text" };
    return { identity, sealed };
  });

  return {
    sealBare: bareSealer(tlv("corral/record/1", installId, accountId, workerId, recordId, recordId, "secret_text")),
    seal: () => sealer.seal(recordId, "secret_text", value),
    fingerprint: () => sealer.fingerprint("secret_text", value),
    openAll: () => version.map(({ identity, sealed }) => opener.open(identity, sealed)),
  };
}

/** The least that could be stored: nonce, tag and ciphertext in one array. */
function bareSealer(aad: Uint8Array): () => Uint8Array {
  const key = createSecretKey(randomBytes(32));
  const plain = Buffer.alloc(VALUE_BYTES, "v");
  return () => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 }).setAAD(aad);
    const sealed = new Uint8Array(28 + plain.length);
    sealed.set(nonce);
    sealed.set(cipher.update(plain), 28);
    cipher.final();
    sealed.set(cipher.getAuthTag(), 12);
    return sealed;
  };
}
