import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AlreadyAnswered } from "../already-answered.ts";
import { codeOf, openWorld, secret, upload, type World } from "../test-world.ts";
import type { Caller, StoredAnswer } from "../types.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const CODE = "export default { fetch: () => new Response('hi') }";

const answer = (result: unknown): StoredAnswer => ({ status: 200, body: JSON.stringify({ result: result ?? null }) });

/** As the api calls: the digest of the request, and how its answer is rendered. */
function keyed(key: string, body: string): Caller {
  const digest = world.control.idempotency.digest("PUT", "/secrets", body);
  return { ...world.caller, idempotency: { key, digest, answer } };
}

async function newestNumber(): Promise<number> {
  return (await world.control.workers.get(world.caller, "api")).head.newestNumber;
}

describe("an Idempotency-Key", () => {
  beforeEach(async () => {
    await world.control.workers.put(world.caller, "api", upload(CODE));
  });

  it("gives the same answer to a retry, also after a restart, and changes nothing again", async () => {
    const caller = keyed("k1", "a");
    expect(await world.control.idempotency.find(caller)).toBeUndefined();
    await world.control.secrets.put(caller, "api", secret("A", "1"));
    expect(await world.control.idempotency.find(caller)).toEqual({ status: 200, body: '{"result":null}' });
    world = await world.restart();
    await expect(world.control.secrets.put(keyed("k1", "a"), "api", secret("A", "1"))).rejects.toBeInstanceOf(AlreadyAnswered);
    expect(await newestNumber()).toBe(2);
  });

  it("of two requests at once lets one through, on one replica and on two", async () => {
    const { control } = world;
    const other = await world.replica();
    const caller = keyed("k2", "a");
    const results = await Promise.allSettled(
      [control, control, other, other].map((each) => each.secrets.put(caller, "api", secret("A", "1"))),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const reasons = results.filter((result) => result.status === "rejected").map(({ reason }) => reason as unknown);
    expect(reasons.every((reason) => reason instanceof AlreadyAnswered)).toBe(true);
    expect(await newestNumber()).toBe(2);
  });

  it("for another request is refused", async () => {
    const { control } = world;
    await control.secrets.put(keyed("k3", "a"), "api", secret("A", "1"));
    expect(await codeOf(control.idempotency.find(keyed("k3", "b")))).toBe("idempotency.reused");
    expect(await codeOf(control.secrets.put(keyed("k3", "b"), "api", secret("A", "2")))).toBe("idempotency.reused");
    expect(await newestNumber()).toBe(2);
  });

  it("of a request that failed is free", async () => {
    const { control } = world;
    const caller = keyed("k4", "a");
    expect(await codeOf(control.secrets.put(caller, "absent", secret("A", "1")))).toBe("worker.not-found");
    expect(await control.idempotency.find(caller)).toBeUndefined();
  });

  it("stores what the use case answers", async () => {
    const { control } = world;
    const caller = keyed("k5", "a");
    const view = await control.versions.create(caller, "api", upload(CODE));
    expect((await control.idempotency.find(caller))?.body).toContain(view.manifest.versionId);
  });
});
