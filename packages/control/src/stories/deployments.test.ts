import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, liveSecrets, openWorld, secret, upload, type World } from "../test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const CODE = "export default { fetch: () => new Response('hi') }";

async function version(): Promise<string> {
  const { manifest } = await world.control.versions.create(world.caller, "api", upload(CODE));
  return manifest.versionId;
}

async function put(): Promise<string> {
  const { newest } = await world.control.workers.put(world.caller, "api", upload(CODE));
  return newest?.manifest.versionId ?? "";
}

async function putSecret(name: string, value: string): Promise<string> {
  await world.control.secrets.put(world.caller, "api", secret(name, value));
  const { head } = await world.control.workers.get(world.caller, "api");
  return head.newestVersionId ?? "";
}

/** deploy("v1", 20, "v2", 80) */
function deploy(...split: readonly (string | number)[]): Promise<unknown> {
  const shares = [];
  for (let at = 0; at < split.length; at += 2) {
    shares.push({ versionId: String(split[at]), percentage: Number(split[at + 1]) });
  }
  return world.control.deployments.create(world.caller, "api", { shares, message: "by hand", force: false });
}

describe("a deployment", () => {
  it("splits traffic; the first of the list is the active one", async () => {
    const first = await put();
    const second = await version();
    await deploy(second, 20, first, 80);
    const { control, caller } = world;
    const { head } = await control.workers.get(caller, "api");
    expect(head.shares).toEqual([
      { versionId: second, percentage: 20 },
      { versionId: first, percentage: 80 },
    ]);
    const [active] = await control.deployments.list(caller, "api", { page: 1, perPage: 1 });
    expect(active).toMatchObject({ deploymentId: head.deploymentId, triggeredBy: "deployment", message: "by hand" });
    expect(await control.deployments.get(caller, "api", head.deploymentId ?? "")).toEqual(active);
  });

  it("of a version that does not exist, or of another Worker, is refused", async () => {
    await put();
    await world.control.workers.put(world.caller, "other", upload(CODE));
    const other = (await world.control.workers.get(world.caller, "other")).head.newestVersionId ?? "";
    expect(await codeOf(deploy(other, 100))).toBe("deployment.unknown-version");
    expect(await codeOf(deploy("not-an-id", 100))).toBe("deployment.unknown-version");
    expect(await codeOf(deploy(crypto.randomUUID(), 100))).toBe("deployment.unknown-version");
  });

  it("may name three versions where the limit was raised", async () => {
    await world.close();
    const { defaultLimits } = await import("../limits.ts");
    world = await openWorld({ limits: { ...defaultLimits, deploymentVersions: 3 } });
    const [a, b, c] = [await put(), await version(), await version()];
    await deploy(a, 33.333, b, 33.333, c, 33.334);
    expect((await world.control.workers.get(world.caller, "api")).head.shares).toHaveLength(3);
  });

  it("can be taken out of the history unless it is the active one", async () => {
    const { control, caller } = world;
    await put();
    const old = (await control.workers.get(caller, "api")).head.deploymentId ?? "";
    await put();
    const active = (await control.workers.get(caller, "api")).head.deploymentId ?? "";
    expect(await codeOf(control.deployments.remove(caller, "api", active))).toBe("deployment.active");
    await control.deployments.remove(caller, "api", old);
    expect(await codeOf(control.deployments.get(caller, "api", old))).toBe("deployment.not-found");
    expect(await codeOf(control.deployments.remove(caller, "api", old))).toBe("deployment.not-found");
  });
});

describe("10220", () => {
  it("names what was changed, added and removed since the version served, unless forced", async () => {
    await put();
    await putSecret("CHANGED", "1");
    const old = await putSecret("REMOVED", "1");
    await putSecret("CHANGED", "2");
    await world.control.secrets.remove(world.caller, "api", "REMOVED");
    await putSecret("ADDED", "1");
    await expect(deploy(old, 100)).rejects.toMatchObject({
      code: "deployment.secrets-changed",
      params: { names: "ADDED, CHANGED, REMOVED" },
    });
    const forced = { shares: [{ versionId: old, percentage: 100 }], message: "", force: true };
    expect((await world.control.deployments.create(world.caller, "api", forced)).message).toBeNull();
    expect(await liveSecrets(world, "api")).toEqual({ CHANGED: "1", REMOVED: "1" });
  });

  it("is not for going forward again, nor for a secret that was put again with the same value", async () => {
    await put();
    const old = await putSecret("A", "same");
    await putSecret("A", "same");
    await deploy(old, 100);
    const newest = await version();
    await deploy(newest, 100);
    expect((await world.control.workers.get(world.caller, "api")).head.shares).toEqual([{ versionId: newest, percentage: 100 }]);
  });

  it("is not for moving shares among live versions", async () => {
    const old = await put();
    const annotations = { message: null, tag: null };
    const changes = new Map([["A", secret("A", "1")]]);
    const made = await world.control.versions.patchSecrets(world.caller, "api", changes, annotations);
    const { versionId } = made.manifest;
    for (const share of [20, 50, 80, 20, 0, 100]) await deploy(versionId, share, old, 100 - share);
    await deploy(old, 100, versionId, 0);
    await deploy(old, 100);
    await deploy(versionId, 100);
    expect(await codeOf(deploy(old, 100))).toBe("deployment.secrets-changed");
    expect(await codeOf(deploy(old, 0, versionId, 100))).toBe("deployment.secrets-changed");
  });
});

describe("states", () => {
  it("come from the nodes, and a wait ends when every node has settled", async () => {
    const { control, caller, feed } = world;
    await put();
    const { workerId, head } = await control.workers.get(caller, "api");
    expect(await control.deployments.states(caller, "api")).toEqual([]);
    feed.report({ node: "n1", workerId, epoch: head.epoch, state: "converging" });
    const waiting = control.deployments.states(caller, "api", { epoch: head.epoch, timeoutMs: 30_000 });
    feed.report({ node: "n1", workerId, epoch: head.epoch, state: "failed", reason: "Error: [REDACTED:KEY]" });
    const failed = { node: "n1", epoch: head.epoch, state: "failed", reason: "Error: [REDACTED:KEY]" };
    expect(await waiting).toEqual([failed]);
    await put();
    expect(await control.deployments.states(caller, "api")).toEqual([{ ...failed, state: "converging" }]);
    expect(await control.deployments.states(caller, "api", { epoch: head.epoch + 1, timeoutMs: 1 })).toHaveLength(1);
  });
});
