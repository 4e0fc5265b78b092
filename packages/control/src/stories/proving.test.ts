import type { ProveAnswer, ProveRequest } from "@corral/contract";
import { afterEach, describe, expect, it } from "vitest";
import { codeOf, liveSecrets, newestSecrets, openWorld, secret, upload, type World } from "../test-world.ts";

let world: World | undefined;
afterEach(() => world?.close());

const CODE = "export default { fetch: () => new Response('hi') }";
const GOOD: ProveAnswer = {
  ok: true,
  startupTimeMs: 3.4,
  handlers: ["fetch", "scheduled"],
  namedHandlers: [{ name: "Admin", handlers: ["fetch"] }],
};

/** A node that answers what it is told to. */
class Node {
  answer: ProveAnswer | undefined = GOOD;
  readonly asked: ProveRequest[] = [];
  meanwhile: () => Promise<unknown> = () => Promise.resolve();
  async prove(request: ProveRequest): Promise<ProveAnswer | undefined> {
    this.asked.push(request);
    await this.meanwhile();
    return this.answer;
  }
}

async function withNode(): Promise<{ readonly world: World; readonly node: Node }> {
  const node = new Node();
  world = await openWorld({ prover: node });
  return { world, node };
}

describe("an upload is tried before it is accepted", () => {
  it("and takes what the node says of its start", async () => {
    const { world: here, node } = await withNode();
    const { control, caller } = here;
    const { newest } = await control.workers.put(caller, "api", upload(CODE, { bindings: [secret("A", "1")] }));
    expect(newest?.info).toMatchObject({
      startupTimeMs: 3,
      handlers: ["fetch", "scheduled"],
      namedHandlers: [{ name: "Admin", handlers: ["fetch"] }],
    });
    expect(Object.values(node.asked[0]?.modules ?? {})).toEqual([Buffer.from(CODE).toString("base64")]);
    expect(node.asked[0]?.version.records).toHaveLength(1);
    await control.secrets.put(caller, "api", secret("B", "2"));
    expect((await control.versions.get(caller, "api", "latest")).info.handlers).toEqual(["fetch", "scheduled"]);
    await control.versions.create(caller, "api", upload(CODE));
    expect(node.asked.at(-1)?.version.records).toHaveLength(2);
    expect(node.asked.at(-1)?.modules).toEqual({});
  });

  it("and refused with the node's redacted words when it does not start, or not in time", async () => {
    const { world: here, node } = await withNode();
    const { control, caller } = here;
    node.answer = { ok: false, kind: "failed", reason: "Uncaught Error: [REDACTED:A]\n  at index.js:1:7" };
    await expect(control.workers.put(caller, "api", upload(CODE))).rejects.toMatchObject({
      code: "upload.start-failed",
      message: "Uncaught Error: [REDACTED:A]\n  at index.js:1:7",
    });
    node.answer = { ok: false, kind: "hung", reason: "" };
    expect(await codeOf(control.workers.put(caller, "api", upload(CODE)))).toBe("upload.start-timeout");
    expect((await control.workers.list(caller, { page: 1, perPage: 1 })).total).toBe(0);
  });

  it("and accepted with the usual handlers when no node answers", async () => {
    const { world: here, node } = await withNode();
    node.answer = undefined;
    const { newest } = await here.control.workers.put(here.caller, "api", upload(CODE));
    expect(newest?.info).toMatchObject({ startupTimeMs: 0, handlers: ["fetch"] });
  });

  it("while other writers go on: what they put is in the version that was tried", async () => {
    const { world: here, node } = await withNode();
    const { control, caller } = here;
    await control.workers.put(caller, "api", upload(CODE));
    node.meanwhile = async () => {
      node.meanwhile = () => Promise.resolve();
      await control.secrets.put(caller, "api", secret("MEANWHILE", "1"));
    };
    await control.workers.put(caller, "api", upload(CODE, { bindings: [secret("OWN", "2")] }));
    expect(await liveSecrets(here, "api")).toEqual({ MEANWHILE: "1", OWN: "2" });
  });

  it("and survives that its Worker is deleted, or made by another, meanwhile", async () => {
    const { world: here, node } = await withNode();
    const { control, caller } = here;
    await control.workers.put(caller, "api", upload(CODE, { bindings: [secret("OLD", "0")] }));
    node.meanwhile = async () => {
      node.meanwhile = () => Promise.resolve();
      await control.workers.remove(caller, "api", { force: true });
    };
    await control.workers.put(caller, "api", upload(CODE, { bindings: [secret("OWN", "1")] }));
    expect(await newestSecrets(here, "api")).toEqual({ OWN: "1" });
    node.meanwhile = async () => {
      node.meanwhile = () => Promise.resolve();
      await control.workers.put(caller, "new", upload(CODE, { bindings: [secret("THEIRS", "1")] }));
    };
    await control.workers.put(caller, "new", upload(CODE, { bindings: [secret("OWN", "2")] }));
    expect(await newestSecrets(here, "new")).toEqual({ OWN: "2", THEIRS: "1" });
  });
});

it("a secret that the code cannot start with is stored all the same: the node says that it failed", async () => {
  const { world: here, node } = await withNode();
  const { control, caller, feed } = here;
  await control.workers.put(caller, "api", upload(CODE));
  node.answer = { ok: false, kind: "failed", reason: "Uncaught Error: bad secret" };
  await control.secrets.put(caller, "api", secret("A", "1"));
  const { workerId, head } = await control.workers.get(caller, "api");
  feed.report({ node: "n1", workerId, epoch: head.epoch, state: "failed", reason: "Uncaught Error: bad secret" });
  const states = await control.deployments.states(caller, "api", { epoch: head.epoch, timeoutMs: 1000 });
  expect(states).toEqual([{ node: "n1", epoch: head.epoch, state: "failed", reason: "Uncaught Error: bad secret" }]);
});
