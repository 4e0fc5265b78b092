import { type FeedChange } from "@corral/contract";
import { asSealed } from "@corral/base";
import { createAuthenticator, createOpener } from "@corral/keyring";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openWorld, secret, upload, type World } from "../test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const CODE = "export default { fetch: () => new Response('hi') }";
const bytes = (text: string): Uint8Array => Buffer.from(text, "base64");

describe("the feed", () => {
  it("gives a node all that it needs to verify and open a Worker, and nothing of others", async () => {
    const { control, caller, feed, keyring } = world;
    await control.workers.put(caller, "api", upload(CODE, { bindings: [secret("A", "s3cret")] }));
    const { workerId } = await control.workers.get(caller, "api");
    const told = await feed.worker(workerId);
    const version = told?.versions[0];
    if (told === undefined || version === undefined) throw new Error("the Worker is there");
    const authenticator = createAuthenticator(keyring.installId, workerId, bytes(told.keys.manifestKey));
    authenticator.verifyHead(told.head, bytes(told.headMac));
    const manifest = authenticator.openManifest(workerId, version.versionId, bytes(version.manifest), bytes(version.mac));
    const released = {
      manifestKey: bytes(told.keys.manifestKey),
      dataKeys: told.keys.dataKeys.map(({ keyId, key }) => ({ keyId, key: bytes(key) })),
    };
    const opener = createOpener(keyring.installId, told.accountId, workerId, released);
    const [record] = version.records;
    if (record === undefined) throw new Error("the record is there");
    const { sealed, ...identity } = record;
    expect(opener.open({ ...identity, accountId: told.accountId, workerId }, asSealed(bytes(sealed))).reveal()).toBe("s3cret");
    const code = await feed.module(manifest.modules[0]?.sha256 ?? "");
    expect(Buffer.from(code ?? []).toString()).toBe(CODE);
    expect(JSON.stringify(told)).not.toContain("s3cret");
  });

  it("replays what changed, then tells each commit, and the end of a Worker", async () => {
    const { control, caller, feed } = world;
    await control.workers.put(caller, "api", upload(CODE));
    const { workerId } = await control.workers.get(caller, "api");
    const { seq } = await feed.hello();
    const stop = new AbortController();
    const changes = feed.changes(seq - 1, stop.signal)[Symbol.asyncIterator]();
    const next = async (): Promise<FeedChange> => (await changes.next()).value as FeedChange;
    expect(await next()).toEqual({ seq, workerId, epoch: 1 });
    const told = next();
    await control.secrets.put(caller, "api", secret("A", "1"));
    expect(await told).toEqual({ seq: seq + 1, workerId, epoch: 2 });
    const gone = next();
    await control.workers.remove(caller, "api", { force: true });
    expect(await gone).toEqual({ seq: seq + 2, workerId, epoch: null });
    expect(await feed.worker(workerId)).toBeUndefined();
    const end = changes.next();
    stop.abort();
    expect((await end).done).toBe(true);
  });

  it("hears of another replica's commits without a ring", async () => {
    const { control, caller, feed } = world;
    await control.workers.put(caller, "api", upload(CODE));
    const { seq } = await feed.hello();
    const stop = new AbortController();
    const changes = feed.changes(seq, stop.signal)[Symbol.asyncIterator]();
    const told = changes.next();
    await (await world.replica()).secrets.put(caller, "api", secret("A", "1"));
    expect((await told).value).toMatchObject({ epoch: 2 });
    stop.abort();
  });

  it("finds a retained version by its id or its first 8 digits", async () => {
    const { control, caller, feed } = world;
    await control.workers.put(caller, "api", upload(CODE));
    const draft = await control.versions.create(caller, "api", upload(CODE));
    const { workerId, versionId } = draft.manifest;
    expect((await feed.version(workerId, versionId))?.versionId).toBe(versionId);
    expect((await feed.version(workerId, versionId.slice(0, 8)))?.versionId).toBe(versionId);
    for (const odd of ["", "zzzzzzzz", versionId.slice(0, 7), "%", crypto.randomUUID()]) {
      expect(await feed.version(workerId, odd)).toBeUndefined();
    }
  });

  it("says who wants logs", async () => {
    const { control, caller, feed } = world;
    const { newest } = await control.workers.put(caller, "api", upload(CODE));
    const workerId = newest?.manifest.workerId ?? "";
    expect((await feed.worker(workerId))?.logs).toBe(false);
    await control.workers.editSettings(caller, "api", { observability: '{"enabled":true}' });
    expect((await feed.worker(workerId))?.logs).toBe(true);
    await control.workers.editSettings(caller, "api", { observability: "not json" });
    expect((await feed.worker(workerId))?.logs).toBe(false);
  });
});
