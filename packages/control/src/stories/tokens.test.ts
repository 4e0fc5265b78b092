import { Redacted, systemRandom } from "@corral/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { issueToken } from "../install.ts";
import { codeOf, openWorld, type World } from "../test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

describe("a token", () => {
  it("made at the first start is known, with every right", async () => {
    const { control, caller, token } = world;
    expect(token.reveal()).toMatch(/^crl_b_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
    expect(await control.authenticate(token)).toMatchObject({ accountId: caller.accountId, scopes: ["admin"] });
    world = await world.restart();
    expect(await world.control.authenticate(token)).toMatchObject({ accountId: caller.accountId });
  });

  it("with a wrong character anywhere is not known", async () => {
    const text = world.token.reveal();
    for (let at = 0; at < text.length; at++) {
      const wrong = text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);
      expect(await world.control.authenticate(new Redacted(wrong))).toBeUndefined();
    }
    for (const odd of ["", "crl_", "Bearer x", "x".repeat(10_000), `${text} `]) {
      expect(await world.control.authenticate(new Redacted(odd))).toBeUndefined();
    }
  });

  it("that was made has its own scopes, and is not stored", async () => {
    const { control, caller } = world;
    const made = await control.tokens.create(caller, { name: "ci", scopes: ["secrets:write"], expiresOn: null });
    expect(await control.authenticate(made.token)).toEqual({
      tokenId: made.view.tokenId,
      accountId: caller.accountId,
      scopes: ["secrets:write"],
    });
    expect(made.view).not.toHaveProperty("digest");
    const listed = await control.tokens.list(caller);
    expect(listed.map(({ name }) => name).toSorted()).toEqual(["ci", "first"]);
    expect(JSON.stringify(listed)).not.toContain(made.token.reveal().slice(-49, -6));
  });

  it("ends when it expires", async () => {
    const { control, caller, clock } = world;
    const expiresOn = new Date(clock.now() + 60_000).toISOString();
    const { token } = await control.tokens.create(caller, { name: "short", scopes: ["admin"], expiresOn });
    expect(await control.authenticate(token)).toBeDefined();
    clock.advance(60_001);
    expect(await control.authenticate(token)).toBeUndefined();
    expect(await codeOf(control.tokens.create(caller, { name: "x", scopes: [], expiresOn: "soon" }))).toBe(
      "request.field-invalid",
    );
  });

  it("ends at once when it is revoked, on another replica within seconds", async () => {
    const { control, caller, clock } = world;
    const other = await world.replica();
    const { token, view } = await control.tokens.create(caller, { name: "x", scopes: ["admin"], expiresOn: null });
    expect(await other.authenticate(token)).toBeDefined();
    await control.tokens.revoke(caller, view.tokenId);
    expect(await control.authenticate(token)).toBeUndefined();
    clock.advance(5001);
    expect(await other.authenticate(token)).toBeUndefined();
    expect(await codeOf(control.tokens.revoke(caller, view.tokenId))).toBe("token.not-found");
  });

  it("of another account cannot be revoked", async () => {
    const { control, caller, token } = world;
    const stranger = { ...caller, accountId: "f".repeat(32) };
    const [first] = await control.tokens.list(caller);
    expect(await codeOf(control.tokens.revoke(stranger, first?.tokenId ?? ""))).toBe("token.not-found");
    expect(await control.tokens.list(stranger)).toEqual([]);
    expect(await control.authenticate(token)).toBeDefined();
  });

  it("can be issued on the machine itself when the first one is lost", async () => {
    const { store, keyring, clock, caller, control } = world;
    const { accountId } = caller;
    const token = await issueToken({ store, keyring, clock, random: systemRandom, accountId, tokenName: "again" });
    expect(await control.authenticate(token)).toMatchObject({ scopes: ["admin"] });
  });
});
