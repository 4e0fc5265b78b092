/** From a first deploy to a changed secret in live traffic, with stock wrangler and real workerd. */
import { fitsShares, Project, type Ran, type RunningCorral, startCorral, wrangler } from "@corral/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { digest, digests, eventually, override, probe, see } from "./support/probe.ts";
import { secretValue, sweepValues } from "./support/values.ts";
import { listDeployments, listSecrets, listVersions, newestVersion } from "./support/wire.ts";

const NAME = "story";
let corral: RunningCorral;
let project: Project;
/** The version that serves, and the one that is to replace it. */
let old = "";
let next = "";

beforeAll(async () => {
  corral = await startCorral();
  project = new Project({ name: NAME, code: probe("first"), config: { env: { production: {} } } });
});

afterAll(async () => {
  project?.[Symbol.dispose]();
  await corral?.[Symbol.asyncDispose]();
});

async function stock(args: readonly string[], input?: string): Promise<Ran> {
  const ran = await wrangler(args, { corral, cwd: project.path, ...(input === undefined ? {} : { input }) });
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  return ran;
}

const versionIn = (ran: Ran): string => /Created version ([0-9a-f-]{36})/.exec(ran.stdout)?.[1] ?? "no version";

async function shareOf(value: string, requests: number): Promise<[number, number]> {
  let hits = 0;
  for (let left = requests; left > 0; left -= 16) {
    const seen = await Promise.all(Array.from({ length: 16 }, () => see(corral, NAME)));
    hits += seen.filter(({ env }) => env["API_KEY"] === digest(value)).length;
  }
  const asked = Math.ceil(requests / 16) * 16;
  return [hits, asked - hits];
}

test("deploy puts a Worker on its hostname", async () => {
  const ran = await stock(["deploy"]);
  expect(ran.stdout).toMatch(/Current Version ID: [0-9a-f-]{36}/);
  expect(
    await eventually(
      () => see(corral, NAME),
      () => true,
    ),
  ).toEqual({ code: "first", env: {} });
});

test("secret put changes the answer", async () => {
  const ran = await stock(["secret", "put", "API_KEY"], `${secretValue("first")}\n`);
  expect(ran.stdout).toContain("✨ Success! Uploaded secret API_KEY");
  const seen = await eventually(
    () => see(corral, NAME),
    ({ env }) => "API_KEY" in env,
  );
  expect(seen).toEqual({ code: "first", env: digests({ API_KEY: secretValue("first") }) });
  old = (await newestVersion(corral, NAME)).id;
});

test("versions secret put makes a version and leaves the answer alone", async () => {
  const ran = await stock(["versions", "secret", "put", "API_KEY"], secretValue("second"));
  next = versionIn(ran);
  expect(ran.stdout).toContain(`✨ Success! Created version ${next} with secret API_KEY.`);
  expect(ran.stdout).toContain('to production traffic use the command "wrangler versions deploy"');
  expect((await newestVersion(corral, NAME)).id).toBe(next);
  expect((await listDeployments(corral, NAME))[0]?.versions).toEqual([{ version_id: old, percentage: 100 }]);
  for (let round = 0; round < 20; round += 1)
    expect((await see(corral, NAME)).env).toEqual(digests({ API_KEY: secretValue("first") }));
});

test("versions secret list shows the deployed version, and with --latest-version the newest", async () => {
  const deployed = await stock(["versions", "secret", "list"]);
  expect(deployed.stdout).toContain(`-- Version ${old} (100%) secrets --\nSecret Name: API_KEY\n`);
  expect(deployed.stdout).not.toContain(next);
  const latest = await stock(["versions", "secret", "list", "--latest-version"]);
  expect(latest.stdout).toContain(`-- Version ${next} (0%) secrets --\nSecret Name: API_KEY\n`);
});

test("a version deployed at 0 % is reached by the override header alone", async () => {
  await stock(["versions", "deploy", `${next}@0%`, `${old}@100%`, "-y"]);
  const seen = await eventually(
    () => see(corral, NAME, override(NAME, next)),
    ({ env }) => env["API_KEY"] === digest(secretValue("second")),
  );
  expect(seen.code).toBe("first");
  expect(await shareOf(secretValue("second"), 160)).toEqual([0, 160]);
});

test("20 % and 80 % move a fifth of the traffic, and the list shows both shares", async () => {
  await stock(["versions", "deploy", `${next}@20%`, `${old}@80%`, "-y"]);
  await eventually(
    () => see(corral, NAME),
    ({ env }) => env["API_KEY"] === digest(secretValue("second")),
  );
  const observed = await shareOf(secretValue("second"), 1600);
  expect(fitsShares(observed, [0.2, 0.8]), `${observed.join(" and ")} of 1600`).toBe(true);
  const { stdout } = await stock(["versions", "secret", "list"]);
  expect(stdout).toContain(`-- Version ${next} (20%) secrets --\nSecret Name: API_KEY\n`);
  expect(stdout).toContain(`-- Version ${old} (80%) secrets --\nSecret Name: API_KEY\n`);
});

test("secret put is refused while the newest version is not wholly deployed", async () => {
  const ran = await wrangler(["secret", "put", "API_KEY"], { corral, cwd: project.path, input: secretValue("third") });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain(
    "Secret edit failed. You attempted to modify a secret, but the latest version of your Worker isn't currently deployed.",
  );
  const direct = await corral.api("PUT", `/workers/scripts/${NAME}/secrets`, {
    name: "API_KEY",
    text: secretValue("x"),
    type: "secret_text",
  });
  expect(direct.status).toBe(400);
  expect(direct.body?.errors.map(({ code }) => code)).toEqual([10215]);
  expect((await newestVersion(corral, NAME)).id).toBe(next);
});

test("50 %, then 100 %", async () => {
  await stock(["versions", "deploy", `${next}@50%`, `${old}@50%`, "-y"]);
  const half = await eventually(
    () => shareOf(secretValue("second"), 1600),
    (observed) => fitsShares(observed, [0.5, 0.5]),
  );
  expect(fitsShares(half, [0.2, 0.8])).toBe(false);
  await stock(["versions", "deploy", `${next}@100%`, "-y"]);
  await eventually(
    () => shareOf(secretValue("second"), 160),
    ([, others]) => others === 0,
  );
});

test("deploy keeps the secrets", async () => {
  project.write("index.js", probe("second"));
  await stock(["deploy"]);
  const seen = await eventually(
    () => see(corral, NAME),
    ({ code }) => code === "second",
  );
  expect(seen.env).toEqual(digests({ API_KEY: secretValue("second") }));
  expect((await listVersions(corral, NAME)).map(({ number }) => number)).toEqual([4, 3, 2, 1]);
});

test("--env production shares nothing", async () => {
  await stock(["deploy", "--env", "production"]);
  expect(
    await eventually(
      () => see(corral, `${NAME}-production`),
      () => true,
    ),
  ).toEqual({ code: "second", env: {} });
  await stock(["secret", "put", "OTHER_KEY", "--env", "production"], secretValue("production"));
  expect(await listSecrets(corral, `${NAME}-production`)).toEqual(["OTHER_KEY"]);
  expect(await listSecrets(corral, NAME)).toEqual(["API_KEY"]);
  await eventually(
    () => see(corral, `${NAME}-production`),
    ({ env }) => env["OTHER_KEY"] === digest(secretValue("production")),
  );
  expect((await see(corral, NAME)).env).toEqual(digests({ API_KEY: secretValue("second") }));
});

test("the canary sweep finds no value of this file anywhere", () => {
  expect(sweepValues(corral)).toEqual([]);
});
