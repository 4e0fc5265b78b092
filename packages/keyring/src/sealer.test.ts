import { inspect } from "node:util";
import { asSealed, isCorralError, newAccountId, newUuid, Redacted, systemRandom } from "@corral/base";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createKeyring } from "./keyring.ts";
import { createMemoryKek } from "./kek/memory/provider.ts";
import { createOpener } from "./opener.ts";
import type { Opener, RecordIdentity, SealedRecord } from "./types.ts";

const uuid = () => newUuid(systemRandom);
const accountId = newAccountId(systemRandom);
const installId = uuid();
const { keyring } = await createKeyring({ installId, keks: [createMemoryKek(systemRandom)], random: systemRandom });

function worker() {
  const workerId = uuid();
  const keys = keyring.createWorkerKeys(accountId, workerId, "2026-01-01T00:00:00.000000Z");
  return {
    workerId,
    keys,
    sealer: keyring.sealer(accountId, workerId, keys),
    opener: createOpener(installId, accountId, workerId, keyring.release(workerId, keys)),
  };
}

const alpha = worker();
const beta = worker();

function identityOf(record: SealedRecord, workerId = alpha.workerId): RecordIdentity {
  return { accountId, workerId, recordId: record.recordId, dataKeyId: record.dataKeyId, type: "secret_text" };
}

/** The code of the failure, or the value if there was none. */
function attempt(opener: Opener, identity: RecordIdentity, sealed: Uint8Array): string {
  try {
    return opener.open(identity, asSealed(sealed)).reveal();
  } catch (error) {
    return isCorralError(error) ? error.code : "another error";
  }
}

describe("a sealed value", () => {
  test("opens to itself, whatever text it is", () => {
    const text = fc.string({ unit: "binary" }).map((value) => value.toWellFormed());
    fc.assert(
      fc.property(fc.oneof(text, fc.constant("\uFEFFwith a byte order mark"), fc.constant("a\0b")), (value) => {
        const record = alpha.sealer.seal(uuid(), "secret_text", new Redacted(value));
        expect(alpha.opener.open(identityOf(record), record.sealed).reveal()).toBe(value);
      }),
    );
  });

  test("is refused when it has no UTF-8 form, rather than stored as another value", () => {
    expect(() => alpha.sealer.seal(uuid(), "secret_text", new Redacted("\ud800"))).toThrow("internal");
    expect(() => alpha.sealer.fingerprint("secret_text", new Redacted("\udfff"))).toThrow("internal");
  });
});

describe("a record does not open", () => {
  const record = alpha.sealer.seal(uuid(), "secret_text", new Redacted("the value"));
  const identity = identityOf(record);

  test.each<[string, Partial<RecordIdentity>]>([
    ["another account", { accountId: newAccountId(systemRandom) }],
    ["another Worker", { workerId: beta.workerId }],
    ["another record id", { recordId: uuid() }],
    ["another data key", { dataKeyId: uuid() }],
    ["another type", { type: "secret_key" }],
  ])("as %s", (_name, change) => {
    expect(attempt(alpha.opener, { ...identity, ...change }, record.sealed)).toBe("record.unopenable");
  });

  test("moved to another Worker, with whatever identity its opener is shown", () => {
    const other = beta.sealer.seal(uuid(), "secret_text", new Redacted("its own"));
    for (const workerId of [alpha.workerId, beta.workerId]) {
      for (const dataKeyId of [record.dataKeyId, other.dataKeyId]) {
        expect(attempt(beta.opener, { ...identity, workerId, dataKeyId }, record.sealed)).toBe("record.unopenable");
      }
    }
  });

  test("when it is exchanged for another record of the same Worker", () => {
    const other = alpha.sealer.seal(uuid(), "secret_text", new Redacted("the value"));
    expect(attempt(alpha.opener, identity, other.sealed)).toBe("record.unopenable");
  });

  test("in another installation that holds the same keys", () => {
    const opener = createOpener(uuid(), accountId, alpha.workerId, keyring.release(alpha.workerId, alpha.keys));
    expect(attempt(opener, identity, record.sealed)).toBe("record.unopenable");
  });

  test("changed, cut or empty: always with the one error, whose text says nothing of the cause", () => {
    fc.assert(
      fc.property(fc.nat({ max: record.sealed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(record.sealed);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(attempt(alpha.opener, identity, changed)).toBe("record.unopenable");
        expect(attempt(alpha.opener, identity, record.sealed.subarray(0, at))).toBe("record.unopenable");
      }),
    );
  });

  test("and the same record opens when nothing is changed", () => {
    expect(attempt(alpha.opener, identity, record.sealed)).toBe("the value");
  });
});

describe("a fingerprint", () => {
  test("is equal for equal values of one Worker and type only", () => {
    const of = (owner: typeof alpha, type: "secret_text" | "secret_key", value: string) =>
      owner.sealer.fingerprint(type, new Redacted(value));
    const { fingerprint } = alpha.sealer.seal(uuid(), "secret_text", new Redacted("v"));
    const same = (other: Uint8Array) => alpha.sealer.sameFingerprint(fingerprint, other);
    expect(fingerprint).toHaveLength(32);
    expect(same(of(alpha, "secret_text", "v"))).toBe(true);
    expect(same(of(alpha, "secret_text", "w"))).toBe(false);
    expect(same(of(alpha, "secret_key", "v"))).toBe(false);
    expect(same(of(beta, "secret_text", "v"))).toBe(false);
    expect(same(fingerprint.subarray(0, 31))).toBe(false);
  });
});

describe("a copy for another Worker", () => {
  test("opens there, under its new id, and not at the place it came from", () => {
    const record = alpha.sealer.seal(uuid(), "secret_text", new Redacted("copied"));
    const copy = keyring.resealFor(
      { keys: alpha.keys, identity: identityOf(record), sealed: record.sealed },
      { accountId, workerId: beta.workerId, keys: beta.keys, recordId: uuid() },
    );
    expect(attempt(beta.opener, identityOf(copy, beta.workerId), copy.sealed)).toBe("copied");
    expect(attempt(alpha.opener, identityOf(copy), copy.sealed)).toBe("record.unopenable");
  });
});

test("no capability shows a key to an inspection or a serialisation", () => {
  const released = keyring.release(alpha.workerId, alpha.keys);
  const shown = [keyring, alpha.sealer, alpha.opener, keyring.authenticator(alpha.workerId, alpha.keys)]
    .flatMap((thing) => [inspect(thing, { showHidden: true, depth: 8 }), JSON.stringify(thing)])
    .join("\n");
  for (const key of [released.manifestKey, ...released.dataKeys.map((each) => each.key)]) {
    expect(shown).not.toContain(Buffer.from(key).toString("hex").slice(0, 12));
    expect(shown).not.toContain([...key.subarray(0, 4)].join(","));
    expect(shown).not.toContain([...key.subarray(0, 4)].join(", "));
  }
});
