/** `deploy`, `triggers deploy`, `delete` and `whoami` of every generation of stock wrangler. */
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digest, digests, eventually, probe, see } from "../support/probe.ts";
import { secretValue } from "../support/values.ts";
import { listSecrets, newestVersion, putSecret, putWorker } from "../support/wire.ts";
import { BEFORE_BULK, BEFORE_PATCH, type Bench, NEWEST, openBench, RELEASES } from "./releases.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench?.[Symbol.asyncDispose]());

const SERVICE_WORKER = `addEventListener("fetch", (event) => event.respondWith(Response.json({ code: "classic", env: { KEY: KEY.length } })));`;

describe.each(RELEASES)("wrangler $release", (release) => {
  test("deploy, first and again, keeps secrets; --keep-vars keeps variables; --env is a Worker of its own", async () => {
    const name = `deployed-${release.short}`;
    const project = bench.project(name, { config: { env: { production: { vars: { STAGE: "production" } } } } });
    const stock = bench.stock(release, project);
    const ran = await stock.run("deploy");
    expect(ran.stdout).toMatch(/Current Version ID: [0-9a-f-]{36}/);
    expect(ran.stdout).toContain(`Uploaded ${name}`);
    await eventually(
      () => see(bench.corral, name),
      ({ code }) => code === name,
    );
    await putSecret(bench.corral, name, "KEY", secretValue("key"));
    await bench.corral.must("PATCH", `/workers/scripts/${name}/settings`, {
      bindings: [
        { type: "secret_text", name: "KEY" },
        { type: "plain_text", name: "MODE", text: "elsewhere" },
      ],
    });
    project.write("index.js", probe("second"));
    await stock.run("deploy --keep-vars");
    const kept = await eventually(
      () => see(bench.corral, name),
      ({ code }) => code === "second",
    );
    expect(kept.env).toEqual(digests({ KEY: secretValue("key"), MODE: "elsewhere" }));
    await stock.run("deploy");
    await eventually(
      () => see(bench.corral, name),
      ({ env }) => !("MODE" in env),
    );
    expect(await listSecrets(bench.corral, name)).toEqual(["KEY"]);

    await stock.run("deploy --env production");
    const other = await eventually(
      () => see(bench.corral, `${name}-production`),
      () => true,
    );
    expect(other.env).toEqual(digests({ STAGE: "production" }));
    await stock.run("secret put KEY --env production", secretValue("of production"));
    await eventually(
      () => see(bench.corral, `${name}-production`),
      ({ env }) => "KEY" in env,
    );
    expect((await see(bench.corral, name)).env).toEqual(digests({ KEY: secretValue("key") }));
  });

  test("a Worker in service-worker syntax stays one through deploy and versions secret put", async () => {
    const name = `classic-${release.short}`;
    const stock = bench.stock(release, bench.project(name, { code: SERVICE_WORKER }));
    await stock.run("secret put KEY", secretValue("classic"));
    await stock.run("deploy");
    await stock.run("versions secret put KEY", secretValue("a longer classic"));
    const { id } = await newestVersion(bench.corral, name);
    await stock.run(`versions deploy ${id}@100% -y`);
    const seen = await eventually(
      async () => JSON.parse((await bench.corral.ask(name)).text) as { code: string; env: { KEY: number } },
      ({ env }) => env.KEY === secretValue("a longer classic").length,
    );
    expect(seen.code).toBe("classic");
  });

  test("triggers deploy stores crons and the hostname; delete ends it all", async () => {
    const name = `triggered-${release.short}`;
    const config = { triggers: { crons: ["*/5 * * * *"] }, workers_dev: true };
    const stock = bench.stock(release, bench.project(name, { config }));
    await stock.run("deploy");
    await bench.corral.must("DELETE", `/workers/scripts/${name}/subdomain`);
    await eventually(
      () => bench.corral.ask(name),
      ({ status }) => status === 404,
    );
    await stock.run("triggers deploy");
    await eventually(
      () => bench.corral.ask(name),
      ({ status }) => status === 200,
    );
    const { schedules } = await bench.corral.must<{ schedules: { cron: string }[] }>("GET", `/workers/scripts/${name}/schedules`);
    expect(schedules.map(({ cron }) => cron)).toEqual(["*/5 * * * *"]);
    await stock.run("delete");
    await eventually(
      () => bench.corral.ask(name),
      ({ status }) => status === 404,
    );
    expect((await bench.corral.api("GET", `/workers/scripts/${name}/settings`)).status).toBe(404);
  });

  test("whoami names the account, and without an account id the right one is found", async () => {
    const name = `found-${release.short}`;
    await putWorker(bench.corral, name);
    const stock = bench.stock(release, bench.project(name), { CLOUDFLARE_ACCOUNT_ID: "" });
    expect((await stock.run("whoami")).stdout).toContain(bench.corral.accountId);
    await stock.run("secret put KEY", secretValue("found"));
    expect(await listSecrets(bench.corral, name)).toEqual(["KEY"]);
  });
});

test("wrangler 4.45.4 knows no required secrets: it deploys without them, and refuses the flag for a file of secrets", async () => {
  const project = bench.project("undeclared", { config: { secrets: { required: ["NEEDED"] } } });
  const stock = bench.stock(BEFORE_BULK, project);
  await stock.run("deploy");
  project.write("secrets.json", JSON.stringify({ NEEDED: secretValue("unneeded") }));
  expect((await stock.try("deploy --secrets-file secrets.json")).code).toBe(1);
});

test.each([BEFORE_PATCH, NEWEST])(
  "wrangler $release: deploy refuses to leave out a required secret, and takes it from a file",
  async (release) => {
    const name = `declared-${release.short}`;
    const project = bench.project(name, { config: { secrets: { required: ["NEEDED"] } } });
    const stock = bench.stock(release, project);
    await putWorker(bench.corral, name);
    const refused = await stock.try("deploy");
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("have not been set: NEEDED")]);
    project.write("secrets.json", JSON.stringify({ NEEDED: secretValue("needed") }));
    await stock.run("deploy --secrets-file secrets.json --message 'with its secret' --tag d1");
    const { annotations } = await newestVersion(bench.corral, name);
    expect(annotations).toMatchObject({ "workers/message": "with its secret", "workers/tag": "d1" });
    await eventually(
      () => see(bench.corral, name),
      ({ env }) => env["NEEDED"] === digest(secretValue("needed")),
    );
  },
);

test.each([BEFORE_BULK, BEFORE_PATCH])("wrangler $release: service environments are Workers of their own", async (release) => {
  const name = `legacy-${release.short}`;
  const config = { legacy_env: false, env: { staging: { vars: { STAGE: "staging" }, triggers: { crons: ["0 3 * * 1"] } } } };
  const project = bench.project(name, { config });
  const stock = bench.stock(release, project);
  await stock.run("secret put ONE --env staging", secretValue("one of staging"));
  await stock.run("deploy --env staging");
  project.write("bulk.json", JSON.stringify({ TWO: secretValue("two of staging") }));
  await stock.run("secret bulk bulk.json --env staging");
  await stock.run("secret delete ONE --env staging");
  expect(JSON.parse((await stock.run("secret list --env staging")).stdout)).toEqual([{ name: "TWO", type: "secret_text" }]);
  const expected = digests({ STAGE: "staging", TWO: secretValue("two of staging") });
  await eventually(
    () => see(bench.corral, `${name}-staging`),
    ({ env }) => isDeepStrictEqual(env, expected),
  );
});

test("no client met a failure of the server, an unknown route or a value of a secret", () => {
  expect(bench.problems()).toEqual([]);
});
