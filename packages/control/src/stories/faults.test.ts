import { afterEach, describe, expect, it } from "vitest";
import { codeOf, liveSecrets, openWorld, secret, upload, type World } from "../test-world.ts";

let world: World | undefined;
afterEach(() => world?.close());

const CODE = "export default { fetch: () => new Response('hi') }";

/** A disk that fails when it is told to. */
class Disk {
  #failures = 0;
  failNext(count: number): void {
    this.#failures = count;
  }
  beforeCommit(): void {
    if (this.#failures === 0) return;
    this.#failures--;
    throw Object.assign(new Error("planted"), { code: "ERR_SQLITE_ERROR", errcode: 13 });
  }
}

describe("when the disk fails under writers at once", () => {
  it("each put is wholly there or refused, and writing goes on by itself", async () => {
    const disk = new Disk();
    world = await openWorld({ points: { beforeCommit: () => disk.beforeCommit() } });
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE));
    const acknowledged: Record<string, string> = {};
    for (let round = 0; round < 10; round++) {
      disk.failNext(1);
      const names = Array.from({ length: 8 }, (_, at) => `S${round}_${at}`);
      const codes = await Promise.all(
        names.map(async (name) => {
          const code = await codeOf(control.secrets.put(caller, "api", secret(name, name)));
          if (code === "no failure") acknowledged[name] = name;
          return code;
        }),
      );
      expect(new Set(codes)).toContain("storage.full");
      expect(await liveSecrets(world, "api")).toEqual(acknowledged);
    }
    await control.secrets.put(caller, "api", secret("AFTER", "1"));
    world = await world.restart();
    expect(await liveSecrets(world, "api")).toEqual({ ...acknowledged, AFTER: "1" });
  });

  it("a refusal that was decided upon what then failed is decided again", async () => {
    const disk = new Disk();
    world = await openWorld({ points: { beforeCommit: () => disk.beforeCommit() } });
    const { control, caller } = world;
    await control.workers.put(caller, "api", upload(CODE));
    disk.failNext(1);
    // The second is behind the first in the lane: upon the undeployed version it would be 10215.
    const draft = codeOf(control.versions.patchSecrets(caller, "api", new Map(), { message: null, tag: null }));
    const put = codeOf(control.secrets.put(caller, "api", secret("A", "1")));
    expect([await draft, await put]).toEqual(["storage.full", "no failure"]);
    expect(await liveSecrets(world, "api")).toEqual({ A: "1" });
  });
});
