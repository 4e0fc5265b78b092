import { isCorralError, newUuid, systemRandom } from "@corral/base";
import { expect, test } from "vitest";
import { RootKeyring } from "./root-keyring.ts";
import { createWrappedKey, unwrapKey } from "./wrap.ts";

const random = systemRandom;
const installId = newUuid(random);
const name = { kind: "data", ownerId: newUuid(random), generation: 1, createdOn: "2026-01-01T00:00:00.000000Z" } as const;

test("a new term makes a new keyring and leaves the old one as it was", () => {
  const first = RootKeyring.create(random);
  const second = first.withNewTerm(random);
  expect([first.activeTerm, second.activeTerm]).toEqual([1, 2]);
  expect(second.sealingKey(1)).toBe(first.sealingKey(1));
  expect(second.sealingKey(2).equals(second.sealingKey(1))).toBe(false);
  expect(() => first.sealingKey(2)).toThrow(expect.objectContaining({ code: "key.unopenable" }));
});

test("new keys lie under the newest term, old ones open under theirs", () => {
  const first = RootKeyring.create(random);
  const second = first.withNewTerm(random);
  const [old, fresh] = [createWrappedKey(first, installId, name, random), createWrappedKey(second, installId, name, random)];
  expect([old.term, fresh.term]).toEqual([1, 2]);
  expect(unwrapKey(second, installId, old).secret.equals(unwrapKey(first, installId, old).secret)).toBe(true);
  expect(unwrapKey(second, installId, fresh).secret.symmetricKeySize).toBe(32);
});

test("all terms come back from the sealed blob", () => {
  const keyring = RootKeyring.create(random).withNewTerm(random).withNewTerm(random);
  const blobKey = random.bytes(32);
  const blob = keyring.seal(installId, 3, blobKey, random);
  const opened = RootKeyring.open(installId, 3, blobKey, blob);
  expect(opened.activeTerm).toBe(3);
  for (const term of [1, 2, 3]) expect(opened.sealingKey(term).equals(keyring.sealingKey(term))).toBe(true);
});

test("a blob opens only with its key, installation and generation", () => {
  const blobKey = random.bytes(32);
  const blob = RootKeyring.create(random).seal(installId, 1, blobKey, random);
  const attempts = [
    () => RootKeyring.open(newUuid(random), 1, blobKey, blob),
    () => RootKeyring.open(installId, 2, blobKey, blob),
    () => RootKeyring.open(installId, 1, random.bytes(32), blob),
  ];
  for (const open of attempts) {
    let failure: unknown;
    try {
      open();
    } catch (error) {
      failure = error;
    }
    expect(isCorralError(failure, "key.unopenable")).toBe(true);
  }
});
