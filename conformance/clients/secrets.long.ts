/** `secret …` of every generation of stock wrangler: what it says, what the API then says, what traffic then gets. */
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digests, eventually, probe, see } from "../support/probe.ts";
import { secretValue } from "../support/values.ts";
import { listSecrets, listVersions, newestVersion, patchVersion, putSecret, putWorker } from "../support/wire.ts";
import { type Bench, openBench, RELEASES } from "./releases.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench?.[Symbol.asyncDispose]());

/** Waits until the Worker's environment is exactly this. */
async function expectEnv(worker: string, values: Readonly<Record<string, string>>): Promise<void> {
  const expected = digests(values);
  await eventually(
    () => see(bench.corral, worker),
    ({ env }) => isDeepStrictEqual(env, expected),
  );
}

describe.each(RELEASES)("wrangler $release", (release) => {
  test("secret put, list and delete: a draft at first, and each change is live at once", async () => {
    const name = `put-${release.short}`;
    const stock = bench.stock(release, bench.project(name));
    expect((await stock.try("secret list")).code).toBe(1);
    const put = await stock.run("secret put KEY", `${secretValue("first")}\n`);
    expect(put.stdout).toContain(`🌀 Creating new Worker "${name}"`);
    expect(put.stdout).toContain("✨ Success! Uploaded secret KEY");
    expect(await listSecrets(bench.corral, name)).toEqual(["KEY"]);
    await stock.run("deploy");
    await expectEnv(name, { KEY: secretValue("first") });

    await stock.run("secret put KEY", secretValue("second"));
    await stock.run("secret put ODD@NAME", secretValue("odd"));
    await expectEnv(name, { KEY: secretValue("second"), "ODD@NAME": secretValue("odd") });
    expect((await newestVersion(bench.corral, name)).annotations["workers/triggered_by"]).toBe("secret");
    const list = await stock.run("secret list --format json");
    expect(JSON.parse(list.stdout)).toEqual(["KEY", "ODD@NAME"].map((secret) => ({ name: secret, type: "secret_text" })));

    const gone = await stock.run("secret delete ODD@NAME");
    expect(gone.stdout).toContain("✨ Success! Deleted secret ODD@NAME");
    await expectEnv(name, { KEY: secretValue("second") });
    const again = await stock.try("secret delete ODD@NAME");
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("[code: 10056]")]);
  });

  test("secret bulk from a file and from stdin: one version each, and variables stay", async () => {
    const name = `bulk-${release.short}`;
    const project = bench.project(name, { config: { vars: { MODE: "on", FLAGS: { a: [1] } } } });
    const stock = bench.stock(release, project);
    project.write("first.json", JSON.stringify({ A: secretValue("a"), B: secretValue("b") }));
    await stock.run("secret bulk first.json");
    expect(await listSecrets(bench.corral, name)).toEqual(["A", "B"]);
    await stock.run("deploy");
    const { number } = await newestVersion(bench.corral, name);
    project.write("second.json", JSON.stringify({ B: secretValue("b-two"), C: secretValue("c") }));
    const bulk = await stock.run("secret bulk second.json");
    expect(bulk.stdout).toContain("✨ Successfully created secret for key: C");
    await stock.run("secret bulk", JSON.stringify({ D: secretValue("d") }));
    expect((await newestVersion(bench.corral, name)).number).toBe(number + 2);
    const values = { A: secretValue("a"), B: secretValue("b-two"), C: secretValue("c"), D: secretValue("d") };
    const env = { ...digests({ ...values, MODE: "on" }), FLAGS: "object" };
    const { env: seen } = await eventually(
      () => see(bench.corral, name),
      ({ env: now }) => "D" in now,
    );
    expect(seen).toEqual(env);

    project.write("third.json", JSON.stringify({ A: null, E: secretValue("e") }));
    const third = await stock.try("secret bulk third.json");
    expect(third.code).toBe(release.deletesInBulk ? 0 : 1);
    expect(await listSecrets(bench.corral, name)).toEqual(release.deletesInBulk ? ["B", "C", "D", "E"] : ["A", "B", "C", "D"]);
  });

  test("put, delete and bulk are refused while the newest version is not deployed, and change nothing", async () => {
    const name = `guarded-${release.short}`;
    const project = bench.project(name);
    const stock = bench.stock(release, project);
    await putWorker(bench.corral, name, {}, probe(name));
    await putSecret(bench.corral, name, "KEY", secretValue("kept"));
    await patchVersion(bench.corral, name, { KEY: secretValue("draft") });
    const before = await listVersions(bench.corral, name);
    project.write("bulk.json", JSON.stringify({ KEY: secretValue("bulk") }));
    for (const [command, input] of [
      ["secret put KEY", secretValue("put")],
      ["secret delete KEY", ""],
      ["secret bulk bulk.json", ""],
    ] as const) {
      const ran = await stock.try(command, input);
      expect([command, ran.code]).toEqual([command, 1]);
      expect(ran.stderr).toMatch(/isn't currently deployed|fully deployed/);
    }
    expect(await listVersions(bench.corral, name)).toEqual(before);
    await expectEnv(name, { KEY: secretValue("kept") });
  });
});

test("no client met a failure of the server, an unknown route or a value of a secret", () => {
  expect(bench.problems()).toEqual([]);
});
