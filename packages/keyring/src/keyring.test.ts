import { asSealed, isCorralError, newAccountId, newUuid, systemRandom, type Uuid } from "@corral/base";
import { describe, expect, test } from "vitest";
import { createMemoryKek } from "./kek/memory/provider.ts";
import { createKeyring, openKeyring } from "./keyring.ts";
import type { Keyring, SealedKeyring, WrappedKey } from "./types.ts";

const random = systemRandom;
const uuid = (): Uuid => newUuid(random);
const installId = uuid();
const accountId = newAccountId(random);
const now = "2026-01-01T00:00:00.000000Z";
const kek = createMemoryKek(random);
const { keyring, sealed } = await createKeyring({ installId, keks: [kek], random });
const workerId = uuid();
const keys = keyring.createWorkerKeys(accountId, workerId, now);

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "no error";
  } catch (error) {
    return isCorralError(error) ? error.code : "another error";
  }
}

const reopen = (change: Partial<SealedKeyring> = {}): Promise<Keyring> =>
  openKeyring({ installId, sealed: { ...sealed, ...change }, kek, random });

describe("the root keyring", () => {
  test("opens again with its KEK, and every key under it unwraps to the same bytes", async () => {
    const again = await reopen();
    expect(again.release(workerId, keys)).toEqual(keyring.release(workerId, keys));
  });

  test("opens with the KEK of each slot", async () => {
    const [first, second] = [createMemoryKek(random), createMemoryKek(random)];
    const two = await createKeyring({ installId, keks: [first, second], random });
    expect(two.sealed.slots.map(({ slot }) => slot)).toEqual([1, 2]);
    const made = two.keyring.createWorkerKeys(accountId, workerId, now);
    for (const each of [first, second]) {
      const opened = await openKeyring({ installId, sealed: two.sealed, kek: each, random });
      expect(opened.release(workerId, made)).toEqual(two.keyring.release(workerId, made));
    }
  });

  test("does not open with another KEK", async () => {
    const other = createMemoryKek(random);
    expect(await codeOf(() => openKeyring({ installId, sealed, kek: other, random }))).toBe("kek.wrong");
  });

  test("does not open when a slot claims the id of a KEK that did not make it", async () => {
    const other = createMemoryKek(random);
    const slots = sealed.slots.map((slot) => ({ ...slot, wrapped: slot.wrapped }));
    const claimed = [{ ...slots[0]!, keyId: await other.keyId() }];
    expect(await codeOf(() => openKeyring({ installId, sealed: { ...sealed, slots: claimed }, kek: other, random }))).toBe(
      "kek.wrong",
    );
  });

  test("does not open in another installation, slot or generation, nor changed", async () => {
    const [slot] = sealed.slots;
    expect(await codeOf(() => openKeyring({ installId: uuid(), sealed, kek, random }))).toBe("kek.wrong");
    expect(await codeOf(() => reopen({ slots: [{ ...slot!, slot: 2 }] }))).toBe("kek.wrong");
    expect(await codeOf(() => reopen({ generation: 2 }))).toBe("key.unopenable");
    const blob = Uint8Array.from(sealed.blob);
    blob[100] = (blob[100] ?? 0) ^ 1;
    expect(await codeOf(() => reopen({ blob: asSealed(blob) }))).toBe("key.unopenable");
  });
});

describe("a wrapped key", () => {
  const released = keyring.release(workerId, keys);

  test("is one of each kind for a Worker, generation 1, all different", () => {
    expect(keys.map(({ kind, generation, term, ownerId }) => ({ kind, generation, term, ownerId }))).toEqual(
      ["data", "fingerprint", "manifest"].map((kind) => ({ kind, generation: 1, term: 1, ownerId: workerId })),
    );
    expect(new Set(keys.map((key) => key.keyId)).size).toBe(3);
    expect(released.dataKeys.map((key) => key.keyId)).toEqual([keys[0]?.keyId]);
    expect(released.manifestKey).not.toEqual(released.dataKeys[0]?.key);
  });

  const [data, , manifest] = keys as [WrappedKey, WrappedKey, WrappedKey];
  test.each<[string, Partial<WrappedKey>]>([
    ["another kind", { kind: "manifest" }],
    ["another key id", { keyId: uuid() }],
    ["another generation", { generation: 2 }],
    ["another term", { term: 2 }],
    ["the bytes of another key", { wrapped: manifest.wrapped }],
    ["one byte less", { wrapped: asSealed(data.wrapped.subarray(1)) }],
  ])("does not unwrap as %s", async (_name, change) => {
    const changed = [{ ...data, ...change }];
    const kind = change.kind ?? "data";
    const use = () =>
      kind === "manifest" ? keyring.authenticator(workerId, changed) : keyring.release(workerId, [...changed, manifest]);
    expect(await codeOf(use)).toBe("key.unopenable");
  });

  test("does not unwrap for another Worker, by its own name or under the other's", async () => {
    const other = uuid();
    expect(await codeOf(() => keyring.sealer(accountId, other, keys))).toBe("key.unopenable");
    const renamed = keys.map((key) => ({ ...key, ownerId: other }));
    expect(await codeOf(() => keyring.sealer(accountId, other, renamed))).toBe("key.unopenable");
    expect(await codeOf(() => keyring.authenticator(other, renamed))).toBe("key.unopenable");
  });

  test("that was opened before is checked again when its row has changed", async () => {
    expect(keyring.release(workerId, keys)).toEqual(released);
    const wrapped = Uint8Array.from(data.wrapped);
    wrapped[80] = (wrapped[80] ?? 0) ^ 1;
    const changed = [{ ...data, wrapped: asSealed(wrapped) }, manifest];
    expect(await codeOf(() => keyring.release(workerId, changed))).toBe("key.unopenable");
    expect(keyring.release(workerId, keys)).toEqual(released);
  });
});

describe("several generations of a data key", () => {
  test("the newest seals and all are released", () => {
    const [older] = keys;
    const newer = keyring.createWorkerKeys(accountId, workerId, now)[0]!;
    // Wrapped for generation 1 under its own id; a second row of the same generation is enough to see who is chosen.
    const both = [newer, ...keys];
    const ids = keyring.release(workerId, both).dataKeys.map((key) => key.keyId);
    expect(ids.toSorted()).toEqual([older!.keyId, newer.keyId].toSorted());
  });
});

describe("the installation's keys", () => {
  const install = keyring.createInstallKeys(now);
  const mac = (kind: "token" | "audit", ...list: string[]) =>
    Buffer.from(keyring.installMac(kind, install)(...list)).toString("hex");

  test("make MACs that differ by kind, by field and by where a field ends", () => {
    const macs = [
      mac("token", "ab", "c"),
      mac("token", "a", "bc"),
      mac("token", "abc"),
      mac("audit", "ab", "c"),
      mac("token", "ab", "d"),
    ];
    expect(new Set(macs).size).toBe(5);
    expect(mac("token", "ab", "c")).toBe(macs[0]);
    expect(macs[0]).toHaveLength(64);
  });

  test("survive a restart", async () => {
    const again = await reopen();
    expect(Buffer.from(again.installMac("audit", install)("x")).toString("hex")).toBe(mac("audit", "x"));
  });

  test("are absent from another installation's rows", async () => {
    expect(await codeOf(() => keyring.installMac("token", keys))).toBe("key.unopenable");
  });
});
