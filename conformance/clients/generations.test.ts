/**
 * A short way through each generation's own wire, and the generations in turn on one Worker: it ends in the state that
 * the last one meant. The whole of each is in the `.long.ts` files beside this one.
 */
import { Cloudflare } from "cloudflare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digests, eventually, probe, see } from "../support/probe.ts";
import { secretValue } from "../support/values.ts";
import { listDeployments, newestVersion } from "../support/wire.ts";
import { BEFORE_BULK, BEFORE_PATCH, type Bench, NEWEST, openBench, RELEASES } from "./releases.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench?.[Symbol.asyncDispose]());

async function expectLive(worker: string, code: string, env: Readonly<Record<string, string>>): Promise<void> {
  const expected = digests(env);
  const seen = await eventually(
    () => see(bench.corral, worker),
    (now) => now.code === code && Object.keys(now.env).length === Object.keys(expected).length,
  );
  expect(seen.env).toEqual(expected);
}

describe.each(RELEASES)("wrangler $release", (release) => {
  test("deploy, secret bulk, versions secret put and versions deploy end in live traffic", async () => {
    const name = `short-${release.short}`;
    const project = bench.project(name, { config: { vars: { MODE: "on" } } });
    const stock = bench.stock(release, project);
    await stock.run("deploy");
    project.write("bulk.json", JSON.stringify({ A: secretValue("a"), B: secretValue("b") }));
    await stock.run("secret bulk bulk.json");
    await expectLive(name, name, { MODE: "on", A: secretValue("a"), B: secretValue("b") });
    const live = await newestVersion(bench.corral, name);
    await stock.run("versions secret put A", secretValue("a-two"));
    const next = await newestVersion(bench.corral, name);
    expect(next.resources.script.etag).toBe(live.resources.script.etag);
    expect((await see(bench.corral, name)).env).toEqual(digests({ MODE: "on", A: secretValue("a"), B: secretValue("b") }));
    await stock.run(`versions deploy ${next.id}@100% -y`);
    const env = digests({ MODE: "on", A: secretValue("a-two"), B: secretValue("b") });
    await eventually(
      () => see(bench.corral, name),
      (seen) => seen.env["A"] === env["A"],
    );
  });
});

describe("clients of different generations in turn on one Worker", () => {
  const name = "shared";

  test("what an old release drafted, a new one extends and an SDK deploys", async () => {
    const project = bench.project(name);
    const [old, middle, newest] = [BEFORE_BULK, BEFORE_PATCH, NEWEST].map((release) => bench.stock(release, project));
    await old?.run("secret put ONE", secretValue("one"));
    await newest?.run("deploy");
    await old?.run("versions secret put TWO", secretValue("two"));
    await newest?.run("versions secret put THREE", secretValue("three"));
    await middle?.run("versions secret delete ONE");
    await expectLive(name, name, { ONE: secretValue("one") });

    const { id, resources } = await newestVersion(bench.corral, name);
    expect(resources.bindings.map((binding) => binding.name)).toEqual(["THREE", "TWO"]);
    const client = new Cloudflare({ apiToken: bench.watch.token, baseURL: bench.watch.apiUrl });
    await client.workers.scripts.deployments.create(name, {
      account_id: bench.watch.accountId,
      strategy: "percentage",
      versions: [{ version_id: id, percentage: 100 }],
    });
    await expectLive(name, name, { TWO: secretValue("two"), THREE: secretValue("three") });
  });

  test("bulk through settings, through secrets-bulk and by the SDK build on each other", async () => {
    const project = bench.project(name, { code: probe("again") });
    project.write("old.json", JSON.stringify({ TWO: secretValue("two-old"), FOUR: secretValue("four") }));
    await bench.stock(BEFORE_BULK, project).run("secret bulk old.json");
    project.write("new.json", JSON.stringify({ FOUR: null, FIVE: secretValue("five") }));
    await bench.stock(NEWEST, project).run("secret bulk new.json");
    const client = new Cloudflare({ apiToken: bench.watch.token, baseURL: bench.watch.apiUrl });
    await client.workers.scripts.secrets.bulkUpdate(name, {
      account_id: bench.watch.accountId,
      secrets: { FIVE: { type: "secret_text", name: "FIVE", text: secretValue("five-sdk") }, THREE: null },
    });
    await expectLive(name, name, { TWO: secretValue("two-old"), FIVE: secretValue("five-sdk") });
    await bench.stock(BEFORE_PATCH, project).run("deploy");
    await expectLive(name, "again", { TWO: secretValue("two-old"), FIVE: secretValue("five-sdk") });
    const { id } = await newestVersion(bench.corral, name);
    expect((await listDeployments(bench.corral, name))[0]?.versions).toEqual([{ version_id: id, percentage: 100 }]);
  });
});

test("no client met a failure of the server, an unknown route or a value of a secret", () => {
  expect(bench.problems()).toEqual([]);
});
