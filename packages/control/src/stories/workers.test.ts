import { uuidToHex } from "@corral/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, liveSecrets, openWorld, secret, upload, type World } from "../test-world.ts";
import type { Caller, Scope } from "../types.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const CODE = "export default { fetch: () => new Response('hi') }";

const stranger = (): Caller => ({ ...world.caller, accountId: "f".repeat(32) });
const withScopes = (...scopes: Scope[]): Caller => ({ ...world.caller, scopes });

describe("a Worker", () => {
  it("keeps its id, versions and secrets when it is renamed, and frees its old name", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "old", upload(CODE, { bindings: [secret("A", "1")] }));
    const { workerId } = await control.workers.get(caller, "old");
    await control.workers.rename(caller, "old", "new");
    expect(await codeOf(control.workers.get(caller, "old"))).toBe("worker.not-found");
    expect((await control.workers.get(caller, uuidToHex(workerId))).head.name).toBe("new");
    expect(await liveSecrets(world, "new")).toEqual({ A: "1" });
    await control.workers.put(caller, "old", upload(CODE));
    expect(await codeOf(control.workers.rename(caller, "old", "new"))).toBe("worker.exists");
    await control.secrets.put(caller, uuidToHex(workerId), secret("A", "2"));
    expect(await liveSecrets(world, "new")).toEqual({ A: "2" });
    expect(await liveSecrets(world, "old")).toEqual({});
  });

  it("is not routed until it is asked for, and previews follow", async () => {
    const { control, caller } = world;
    const { head, newest } = await control.workers.put(caller, "api", upload(CODE));
    expect([head.routed, head.previews, newest?.hasPreview]).toEqual([false, false, false]);
    const on = await control.workers.setSubdomain(caller, "api", { enabled: true });
    expect([on.head.routed, on.head.previews, on.newest?.hasPreview]).toEqual([true, true, true]);
    const again = await control.workers.setSubdomain(caller, "api", { enabled: true });
    expect(again.head.epoch).toBe(on.head.epoch);
    const apart = await control.workers.setSubdomain(caller, "api", { enabled: true, previewsEnabled: false });
    expect([apart.head.routed, apart.head.previews]).toEqual([true, false]);
  });

  it("has settings of its own, apart from its versions", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE, { settings: { tags: ["a:b", "c,d"], logpush: true } }));
    await control.workers.editSettings(caller, "api", { observability: '{"enabled":true}' });
    const { settings, head } = await control.workers.get(caller, "api");
    expect(settings).toMatchObject({ tags: ["a:b", "c,d"], logpush: true, observability: '{"enabled":true}' });
    expect(head.newestNumber).toBe(1);
  });

  it("that is deleted takes everything with it; its name can be used again", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE, { bindings: [secret("A", "1")] }));
    const { workerId } = await control.workers.get(caller, "api");
    await control.workers.remove(caller, "api", { force: false });
    expect(await world.store.install.listKeys(workerId)).toEqual([]);
    expect(await world.store.versions.count(workerId)).toBe(0);
    await control.workers.put(caller, "api", upload(CODE));
    expect(await liveSecrets(world, "api")).toEqual({});
  });

  it("made by two uploads at once has both versions", async () => {
    const { control, caller } = world;
    await Promise.all([1, 2, 3].map(() => control.workers.put(caller, "api", upload(CODE, { bindings: [secret("A", "1")] }))));
    expect((await control.workers.get(caller, "api")).head.newestNumber).toBe(3);
    expect(await liveSecrets(world, "api")).toEqual({ A: "1" });
  });

  it("made, deleted and written at once ends in one of the orders", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE));
    const results = await Promise.allSettled([
      control.secrets.put(caller, "api", secret("A", "1")),
      control.workers.remove(caller, "api", { force: true }),
      control.workers.put(caller, "api", upload(CODE)),
      control.secrets.put(caller, "api", secret("B", "2")),
    ]);
    expect(results.filter(({ status }) => status === "rejected").length).toBeLessThanOrEqual(2);
    const { total } = await control.workers.list(caller, { page: 1, perPage: 10 });
    expect(total).toBeLessThanOrEqual(1);
  });

  it.each(["", "UPPER", "-dash", "dash-", "a".repeat(64), "a.b", "__proto__", "ä", "a\u0000"])(
    "cannot have the name %j",
    async (name) => {
      const { control, caller } = world;
      expect(await codeOf(control.workers.put(caller, name, upload(CODE)))).toBe("worker.name-invalid");
      expect(await codeOf(control.workers.create(caller, name, {}))).toBe("worker.name-invalid");
    },
  );

  it("has times that only grow, also while the clock stands still", async () => {
    const { control, caller } = world;
    for (let count = 0; count < 20; count++) await control.workers.put(caller, "api", upload(CODE));
    const { versions } = await control.versions.list(caller, "api", { page: 1, perPage: 50 });
    const times = versions.map(({ manifest }) => manifest.createdOn);
    expect(new Set(times).size).toBe(20);
    expect(times.toSorted().toReversed()).toEqual(times);
  });
});

describe("another account", () => {
  it("sees nothing, and cannot tell that there is something", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE, { bindings: [secret("A", "1")] }));
    const { workerId } = await control.workers.get(caller, "api");
    const other = stranger();
    for (const name of ["api", uuidToHex(workerId)]) {
      expect(await codeOf(control.secrets.list(other, name))).toBe("worker.not-found");
      expect(await codeOf(control.secrets.put(other, name, secret("A", "2")))).toBe("worker.not-found");
      expect(await codeOf(control.versions.list(other, name, { page: 1, perPage: 1 }))).toBe("worker.not-found");
      expect(await codeOf(control.workers.remove(other, name, { force: true }))).toBe("worker.not-found");
      expect(await codeOf(control.deployments.states(other, name))).toBe("worker.not-found");
    }
    expect(await control.workers.list(other, { page: 1, perPage: 10 })).toEqual({ workers: [], total: 0 });
    expect(await codeOf(control.accounts.get(caller, other.accountId))).toBe("auth.denied");
  });

  it("has Workers of the same name beside them", async () => {
    const { control, caller } = world;
    await world.store.commitInstall({
      accounts: [{ accountId: stranger().accountId, name: "Other", label: "other", createdOn: "2026-11-25T00:00:00.000000Z" }],
      audit: [],
    });
    await control.workers.put(caller, "api", upload(CODE, { bindings: [secret("A", "1")] }));
    await control.workers.put(stranger(), "api", upload(CODE));
    expect(await control.secrets.list(stranger(), "api")).toEqual([]);
    expect(await control.secrets.list(caller, "api")).toEqual([{ name: "A", type: "secret_text" }]);
  });
});

describe("scopes", () => {
  it("let a token do what they say and no more", async () => {
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE));
    const write = (who: Caller) => codeOf(control.secrets.put(who, "api", secret("A", "1")));
    const list = (who: Caller) => codeOf(control.secrets.list(who, "api"));
    const deploy = (who: Caller) => codeOf(control.workers.put(who, "api", upload(CODE)));
    const withValue = (who: Caller) => codeOf(control.workers.put(who, "api", upload(CODE, { bindings: [secret("A", "1")] })));
    const table: readonly (readonly [Scope, ...string[]])[] = [
      ["secrets:list", "auth.denied", "no failure", "auth.denied", "auth.denied"],
      ["secrets:write", "no failure", "no failure", "auth.denied", "auth.denied"],
      ["workers:read", "auth.denied", "no failure", "auth.denied", "auth.denied"],
      ["workers:deploy", "auth.denied", "no failure", "no failure", "auth.denied"],
      ["admin", "no failure", "no failure", "no failure", "no failure"],
    ];
    for (const [scope, ...expected] of table) {
      const who = withScopes(scope);
      expect([scope, await write(who), await list(who), await deploy(who), await withValue(who)]).toEqual([scope, ...expected]);
    }
    expect(await codeOf(control.accounts.audit(withScopes("workers:deploy"), { page: 1, perPage: 1 }))).toBe("auth.denied");
    expect(await codeOf(control.secrets.list(withScopes(), "absent"))).toBe("auth.denied");
  });
});
