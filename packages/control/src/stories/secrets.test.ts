import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, liveSecrets, newestSecrets, openWorld, secret, upload, type World } from "../test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const CODE = "export default { fetch: () => new Response('hi') }";

async function deployed(name = "api"): Promise<void> {
  await world.control.workers.put(world.caller, name, upload(CODE));
}

describe("secret put", () => {
  it("makes a version with the secret and deploys it at 100 %", async () => {
    const { control, caller } = world;
    await deployed();
    await control.secrets.put(caller, "api", secret("API_KEY", "s3cret"));
    expect(await liveSecrets(world, "api")).toEqual({ API_KEY: "s3cret" });
    const { versions } = await control.versions.list(caller, "api", { page: 1, perPage: 10 });
    expect(versions.map(({ manifest, info }) => [manifest.number, info.triggeredBy])).toEqual([
      [2, "secret"],
      [1, "upload"],
    ]);
    const deployments = await control.deployments.list(caller, "api", { page: 1, perPage: 10 });
    expect(deployments.map(({ triggeredBy, message }) => [triggeredBy, message])).toEqual([
      ["secret", null],
      ["upload", "Automatic deployment on upload."],
    ]);
  });

  it("of a name that a variable has is refused with 10053", async () => {
    const { control, caller } = world;
    const bindings = [{ type: "plain_text", name: "MODE", text: "x" }] as const;
    await control.workers.put(caller, "api", upload(CODE, { bindings }));
    expect(await codeOf(control.secrets.put(caller, "api", secret("MODE", "y")))).toBe("secret.name-taken");
  });

  it("on a Worker that is not there is 10007, and makes nothing", async () => {
    const { control, caller } = world;
    expect(await codeOf(control.secrets.put(caller, "absent", secret("A", "b")))).toBe("worker.not-found");
    expect((await control.workers.list(caller, { page: 1, perPage: 10 })).total).toBe(0);
  });

  it("on an empty Worker makes a draft version that counts as deployed", async () => {
    const { control, caller } = world;
    await control.workers.create(caller, "empty", {});
    await control.secrets.put(caller, "empty", secret("A", "1"));
    await control.secrets.put(caller, "empty", secret("B", "2"));
    expect(await liveSecrets(world, "empty")).toEqual({ A: "1", B: "2" });
    expect((await control.versions.content(caller, "empty", "latest")).modules[0]?.name).toBe("worker.js");
  });

  it("while the newest version is not deployed is refused with 10215; versions secret is not", async () => {
    const { control, caller } = world;
    await deployed();
    await control.versions.create(caller, "api", upload(CODE));
    expect(await codeOf(control.secrets.put(caller, "api", secret("A", "1")))).toBe("secret.version-not-deployed");
    expect(await codeOf(control.secrets.remove(caller, "api", "A"))).toBe("secret.version-not-deployed");
    expect(await codeOf(control.secrets.bulk(caller, "api", new Map([["A", secret("A", "1")]])))).toBe(
      "secret.version-not-deployed",
    );
    const annotations = { message: "why", tag: "t1" };
    const made = await control.versions.patchSecrets(caller, "api", new Map([["A", secret("A", "1")]]), annotations);
    expect(made.info.message).toBe("why");
    expect(made.manifest.tag).toBe("t1");
    expect(await liveSecrets(world, "api")).toEqual({});
    expect(await newestSecrets(world, "api")).toEqual({ A: "1" });
  });
});

describe("secret bulk", () => {
  it("sets, replaces and deletes in one version and one deployment", async () => {
    const { control, caller } = world;
    await deployed();
    await control.secrets.put(caller, "api", secret("OLD", "1"));
    await control.secrets.put(caller, "api", secret("KEEP", "2"));
    const changes = new Map([
      ["OLD", null],
      ["NEW", secret("NEW", "3")],
      ["KEEP", secret("KEEP", "4")],
      ["ABSENT", null],
    ]);
    await control.secrets.bulk(caller, "api", changes);
    expect(await liveSecrets(world, "api")).toEqual({ NEW: "3", KEEP: "4" });
    expect((await control.workers.get(caller, "api")).head.newestNumber).toBe(4);
  });

  it("with a wrong entry changes nothing at all", async () => {
    const { control, caller } = world;
    await deployed();
    const before = (await control.workers.get(caller, "api")).head;
    const changes = new Map([
      ["GOOD", secret("GOOD", "1")],
      ["BIG", secret("BIG", "x".repeat(70_000))],
    ]);
    expect(await codeOf(control.secrets.bulk(caller, "api", changes))).toBe("secret.too-large");
    expect((await control.workers.get(caller, "api")).head).toEqual(before);
  });

  it("that changes nothing makes no version", async () => {
    const { control, caller } = world;
    await deployed();
    await control.secrets.bulk(caller, "api", new Map([["ABSENT", null]]));
    expect((await control.workers.get(caller, "api")).head.newestNumber).toBe(1);
  });
});

describe("secret delete", () => {
  it("takes the secret away, and no later upload brings it back", async () => {
    const { control, caller } = world;
    await deployed();
    await control.secrets.put(caller, "api", secret("A", "1"));
    await control.secrets.put(caller, "api", secret("B", "2"));
    await control.secrets.remove(caller, "api", "A");
    await deployed();
    await control.versions.create(caller, "api", upload(CODE));
    expect(await newestSecrets(world, "api")).toEqual({ B: "2" });
  });

  it("of an absent name is 10056, of a variable too", async () => {
    const { control, caller } = world;
    const bindings = [{ type: "plain_text", name: "MODE", text: "x" }] as const;
    await control.workers.put(caller, "api", upload(CODE, { bindings }));
    expect(await codeOf(control.secrets.remove(caller, "api", "NOPE"))).toBe("secret.not-found");
    expect(await codeOf(control.secrets.remove(caller, "api", "MODE"))).toBe("secret.not-found");
  });
});

it("a hundred uploads later the first secret is still there, after a restart too", async () => {
  const { control, caller } = world;
  await deployed();
  await control.secrets.put(caller, "api", secret("FIRST", "kept"));
  for (let upload_ = 0; upload_ < 210; upload_++) await deployed();
  expect(await liveSecrets(world, "api")).toEqual({ FIRST: "kept" });
  const listed = await control.versions.list(caller, "api", { page: 1, perPage: 500 });
  expect(listed.total).toBe(100);
  expect(listed.versions).toHaveLength(100);
  expect(await world.store.versions.count(listed.versions[0]?.manifest.workerId ?? "")).toBeLessThanOrEqual(200);
  world = await world.restart();
  expect(await liveSecrets(world, "api")).toEqual({ FIRST: "kept" });
});

it("parallel puts on one Worker all survive, and share commits", async () => {
  const { control, caller } = world;
  await deployed();
  const names = Array.from({ length: 40 }, (_, index) => `S${index}`);
  await Promise.all(names.map((name) => control.secrets.put(caller, "api", secret(name, name.toLowerCase()))));
  expect(Object.keys(await liveSecrets(world, "api"))).toHaveLength(40);
  expect((await control.workers.get(caller, "api")).head.newestNumber).toBe(41);
});

it("two replicas that write to one Worker at once lose nothing", async () => {
  const { control, caller } = world;
  await deployed();
  const other = await world.replica();
  const names = Array.from({ length: 30 }, (_, index) => `S${index}`);
  await Promise.all(
    names.map((name, index) => (index % 2 === 0 ? control : other).secrets.put(caller, "api", secret(name, name))),
  );
  expect(Object.keys(await liveSecrets(world, "api"))).toHaveLength(30);
});

describe("secret destroy", () => {
  it("erases old values with the versions that need them, and leaves what is live", async () => {
    const { control, caller, store } = world;
    await deployed();
    await control.secrets.put(caller, "api", secret("OTHER", "x"));
    await control.secrets.put(caller, "api", secret("LEAKED", "old"));
    await control.secrets.put(caller, "api", secret("LEAKED", "older than new"));
    await control.secrets.put(caller, "api", secret("LEAKED", "new"));
    await deployed();
    const { workerId } = await control.workers.get(caller, "api");
    const rows = await store.versions.list(workerId, { limit: 10, offset: 0 });
    const numbers = new Map(rows.map(({ versionId, number }) => [versionId, number]));
    const would = await control.secrets.destroy(caller, "api", "LEAKED", { dryRun: true });
    expect(would.map((id) => numbers.get(id))).toEqual([4, 3]);
    expect(await store.versions.count(workerId)).toBe(6);
    expect(await control.secrets.destroy(caller, "api", "LEAKED", { dryRun: false })).toEqual(would);
    expect(await liveSecrets(world, "api")).toEqual({ LEAKED: "new", OTHER: "x" });
    for (const id of would) expect(await codeOf(control.versions.get(caller, "api", id))).toBe("version.not-found");
    const { versions, total } = await control.versions.list(caller, "api", { page: 1, perPage: 10 });
    expect([versions.map(({ manifest }) => manifest.number), total]).toEqual([[6, 5, 2, 1], 4]);
    const deployments = await control.deployments.list(caller, "api", { page: 1, perPage: 10 });
    expect(deployments.flatMap(({ shares }) => shares.map(({ versionId }) => numbers.get(versionId)))).toEqual([6, 5, 2, 1]);
    const shares = [{ versionId: would[0] ?? "", percentage: 100 }];
    const other = await world.replica();
    expect(await codeOf(other.deployments.create(caller, "api", { shares, message: null, force: true }))).toBe(
      "deployment.unknown-version",
    );
  });

  it("of a secret whose only value is live erases nothing, of an unknown one is 10056", async () => {
    const { control, caller } = world;
    await deployed();
    await control.secrets.put(caller, "api", secret("A", "1"));
    expect(await control.secrets.destroy(caller, "api", "A", { dryRun: false })).toEqual([]);
    expect(await codeOf(control.secrets.destroy(caller, "api", "B", { dryRun: false }))).toBe("secret.not-found");
    await control.secrets.remove(caller, "api", "A");
    expect(await control.secrets.destroy(caller, "api", "A", { dryRun: false })).toHaveLength(1);
    expect(await codeOf(control.secrets.destroy(caller, "api", "A", { dryRun: false }))).toBe("secret.not-found");
  });
});
