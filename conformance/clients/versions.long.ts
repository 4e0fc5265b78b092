/** `versions …`, `deployments …` and `rollback` of every generation of stock wrangler, with what traffic gets of each. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digest, digests, eventually, override, probe, see } from "../support/probe.ts";
import { secretValue } from "../support/values.ts";
import { listDeployments, newestVersion, putSecret, putWorker } from "../support/wire.ts";
import { type Bench, openBench, RELEASES } from "./releases.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench?.[Symbol.asyncDispose]());

const sharesOf = async (worker: string): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await listDeployments(bench.corral, worker))[0]?.versions.map((share) => [share.version_id, share.percentage]) ?? [],
  );
const codeOf = (worker: string) => async (): Promise<string> => (await see(bench.corral, worker)).code;

/** A probe of two modules, a text and a service binding's worth of bytes: what old releases must send back unchanged. */
const MODULES = {
  "index.js": `import note from "./note.txt";\nimport { mark } from "./lib/mark.js";\n${probe("modules").replace('"modules"', "mark + note")}`,
  "lib/mark.js": 'export const mark = "wär ";\n',
  "note.txt": "eine Notiz\r\n\u00fc",
};

describe.each(RELEASES)("wrangler $release", (release) => {
  test("versions upload, list, view and deploy: the traffic moves as far as was said", async () => {
    const name = `moved-${release.short}`;
    const project = bench.project(name);
    const stock = bench.stock(release, project);
    await stock.run("deploy");
    await putSecret(bench.corral, name, "KEY", secretValue("key"));
    const old = await newestVersion(bench.corral, name);
    project.write("index.js", probe("next"));
    const ran = await stock.run("versions upload --message 'the next' --tag n1");
    const next = await newestVersion(bench.corral, name);
    expect(ran.stdout).toContain(next.id);
    expect(next.annotations).toMatchObject({ "workers/message": "the next", "workers/tag": "n1" });
    expect(next.resources.bindings.map((binding) => binding.name)).toEqual(["KEY"]);
    expect(await codeOf(name)()).toBe(name);

    const list = await stock.run("versions list");
    expect(list.stdout).toContain(old.id);
    expect(list.stdout).toContain(next.id);
    const view = await stock.run(`versions view ${next.id}`);
    expect(view.stdout).toContain("the next");
    expect(view.stdout).not.toContain(secretValue("key"));

    await stock.run(`versions deploy ${next.id}@20% ${old.id}@80% -y`);
    expect(await sharesOf(name)).toEqual({ [next.id]: 20, [old.id]: 80 });
    await eventually(
      async () => (await see(bench.corral, name, override(name, next.id))).code,
      (code) => code === "next",
    );
    const status = await stock.run("deployments status");
    expect(status.stdout).toContain(`(20%) ${next.id}`);
    await stock.run(`versions deploy ${next.id}@100% -y --message 'all of it'`);
    await eventually(codeOf(name), (code) => code === "next");
    expect((await listDeployments(bench.corral, name))[0]?.annotations["workers/message"]).toBe("all of it");
    const deployments = await stock.run("deployments list");
    expect(deployments.stdout).toContain("all of it");
  });

  test("versions secret put, bulk, delete and list: new versions of the same code, and nothing is deployed", async () => {
    const name = `drafted-${release.short}`;
    const project = bench.project(name, { files: MODULES, config: { vars: { MODE: "on" } } });
    const stock = bench.stock(release, project);
    await stock.run("deploy");
    await putSecret(bench.corral, name, "OLD", secretValue("old"));
    const live = await newestVersion(bench.corral, name);
    const put = await stock.run("versions secret put ONE --message 'one more' --tag s1", secretValue("one"));
    const first = await newestVersion(bench.corral, name);
    expect(put.stdout).toContain(`✨ Success! Created version ${first.id} with secret ONE.`);
    expect(first.annotations).toMatchObject({ "workers/message": "one more", "workers/tag": "s1" });
    project.write("bulk.json", JSON.stringify({ TWO: secretValue("two"), OLD: secretValue("old-two") }));
    expect((await stock.run("versions secret bulk bulk.json")).stdout).toContain("with 2 secrets");
    const gone = await stock.run("versions secret delete ONE");
    expect(gone.stdout).toContain("with deleted secret ONE.");
    const newest = await newestVersion(bench.corral, name);
    expect(newest.number).toBe(live.number + 3);
    expect(newest.resources.bindings.map((binding) => `${binding.name} ${binding.type}`)).toEqual([
      "MODE plain_text",
      "OLD secret_text",
      "TWO secret_text",
    ]);
    expect(newest.resources.script.etag).toBe(live.resources.script.etag);
    expect(await sharesOf(name)).toEqual({ [live.id]: 100 });

    const deployed = await stock.run("versions secret list");
    expect(deployed.stdout).toContain(`-- Version ${live.id} (100%) secrets --`);
    expect(deployed.stdout).not.toContain("TWO");
    const latest = await stock.run("versions secret list --latest-version");
    expect(latest.stdout).toContain(newest.id);
    expect(latest.stdout).toContain("Secret Name: TWO");

    await stock.run(`versions deploy ${newest.id}@100% -y`);
    const { code, env } = await eventually(
      () => see(bench.corral, name),
      (seen) => "TWO" in seen.env,
    );
    expect(code).toBe("wär eine Notiz\r\nü");
    expect(env).toEqual(digests({ MODE: "on", OLD: secretValue("old-two"), TWO: secretValue("two") }));
  });

  test("rollback over a changed secret is asked for, forced and served", async () => {
    const name = `rolled-${release.short}`;
    const stock = bench.stock(release, bench.project(name));
    await putWorker(bench.corral, name, {}, probe(name));
    await putSecret(bench.corral, name, "KEY", secretValue("before"));
    const before = await newestVersion(bench.corral, name);
    await putSecret(bench.corral, name, "KEY", secretValue("after"));
    const ran = await stock.run(`rollback ${before.id} --message 'back again'`);
    expect(ran.stdout + ran.stderr).toContain("* KEY");
    expect(await sharesOf(name)).toEqual({ [before.id]: 100 });
    await eventually(
      () => see(bench.corral, name),
      ({ env }) => env["KEY"] === digest(secretValue("before")),
    );
  });

  test("versions upload and versions secret put say what to do when there is no Worker or no version", async () => {
    const stock = bench.stock(release, bench.project(`absent-${release.short}`));
    expect((await stock.try("versions upload")).code).toBe(1);
    expect((await stock.try("versions secret put KEY", secretValue("nowhere"))).code).toBe(1);
    const name = `empty-${release.short}`;
    await bench.corral.must("POST", "/workers/workers", { name });
    const ran = await bench.stock(release, bench.project(name)).try("versions secret put KEY", secretValue("nothing"));
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining("There are currently no uploaded versions")]);
  });
});

test("no client met a failure of the server, an unknown route or a value of a secret", () => {
  expect(bench.problems()).toEqual([]);
});
