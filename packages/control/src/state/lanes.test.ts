import { describe, expect, it } from "vitest";
import { Lanes } from "./lanes.ts";

describe("a lane", () => {
  it("gives turns in order, each upon what the one before left", async () => {
    const lanes = new Lanes<number>();
    const seen: (number | undefined)[] = [];
    const commits = Array.from({ length: 5 }, () => Promise.withResolvers<boolean>());
    await Promise.all(
      commits.map(async ({ promise }, at) => {
        const turn = await lanes.enter("a");
        seen.push(turn.tip);
        turn.advance(at, promise);
        turn.leave();
      }),
    );
    expect(seen).toEqual([undefined, 0, 1, 2, 3]);
    for (const { resolve } of commits) resolve(true);
    const last = await lanes.enter("a");
    await last.settled();
    last.leave();
    expect((await lanes.enter("a")).tip).toBeUndefined();
  });

  it("forgets what was not stored", async () => {
    const lanes = new Lanes<string>();
    const failing = Promise.withResolvers<boolean>();
    const first = await lanes.enter("a");
    first.advance("not stored", failing.promise);
    first.leave();
    failing.reject(new Error("disk full"));
    await expect(failing.promise).rejects.toThrow("disk full");
    expect((await lanes.enter("a")).tip).toBeUndefined();
  });

  it("holds up nobody else's, and does not stay behind", async () => {
    const lanes = new Lanes<string>();
    const held = await lanes.enter("a");
    const other = await lanes.enter("b");
    expect(lanes.size).toBe(2);
    other.leave();
    held.leave();
    expect(lanes.size).toBe(0);
  });
});
