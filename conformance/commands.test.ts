/** Every command of the seed text with stock wrangler 4.164.0: what it prints, what the API then says, what traffic then gets. */
import { isDeepStrictEqual } from "node:util";
import { Project, type RunningCorral, startCorral } from "@corral/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digest, digests, eventually, probe, see, type Seen } from "./support/probe.ts";
import { type Stock, stockWrangler } from "./support/stock.ts";
import { secretValue, sweepValues } from "./support/values.ts";
import { listDeployments, listSecrets, listVersions, newestVersion, putSecret, putWorker } from "./support/wire.ts";

let corral: RunningCorral;
const projects: Project[] = [];

beforeAll(async () => {
  corral = await startCorral();
});

afterAll(async () => {
  for (const project of projects) project[Symbol.dispose]();
  await corral?.[Symbol.asyncDispose]();
});

function newProject(name: string, config: Readonly<Record<string, unknown>> = {}): { project: Project; stock: Stock } {
  const project = new Project({ name, code: probe(name), config });
  projects.push(project);
  return { project, stock: stockWrangler(corral, project) };
}

function hasEnv(values: Readonly<Record<string, string>>): (seen: Seen) => boolean {
  const expected = digests(values);
  return ({ env }) => isDeepStrictEqual(env, expected);
}

describe("secret", () => {
  test("put, list and bulk on a Worker that does not exist make a draft, or say so", async () => {
    const { project, stock } = newProject("draft-by-put");
    const absent = await stock.try("secret list");
    expect(absent.code).toBe(1);
    expect(absent.stderr).toContain('Worker "draft-by-put" not found.');

    const put = await stock.run("secret put API_KEY", `${secretValue("api-key")}\n`);
    expect(put.stdout).toContain('🌀 Creating new Worker "draft-by-put"');
    expect(put.stdout).toContain("✨ Success! Uploaded secret API_KEY");
    expect(await listSecrets(corral, "draft-by-put")).toEqual(["API_KEY"]);

    project.configure({ name: "draft-by-bulk" });
    project.write("secrets.json", JSON.stringify({ API_KEY: secretValue("api-key"), DATABASE_URL: secretValue("postgres") }));
    await stock.run("secret bulk secrets.json");
    expect(await listSecrets(corral, "draft-by-bulk")).toEqual(["API_KEY", "DATABASE_URL"]);

    // A first deploy over the draft keeps what it holds.
    await stock.run("deploy");
    await eventually(
      () => see(corral, "draft-by-bulk"),
      hasEnv({ API_KEY: secretValue("api-key"), DATABASE_URL: secretValue("postgres") }),
    );
  });

  test("bulk takes JSON with null, .env and stdin; each is one version and one deployment", async () => {
    const { project, stock } = newProject("bulk");
    await putWorker(corral, "bulk");
    await putSecret(corral, "bulk", "OLD", secretValue("old"));
    const before = await newestVersion(corral, "bulk");

    project.write("secrets.json", JSON.stringify({ API_KEY: secretValue("abc"), STRIPE_KEY: secretValue("stripe"), OLD: null }));
    const json = await stock.run("secret bulk secrets.json");
    expect(json.stdout).toContain("✨ Successfully created secret for key: API_KEY");
    expect(json.stdout).toContain("💥 Successfully deleted secret for key: OLD");
    expect(json.stdout).toContain("✨ 2 secrets successfully created");
    const after = await newestVersion(corral, "bulk");
    expect(after.number).toBe(before.number + 1);
    expect((await listDeployments(corral, "bulk"))[0]?.versions).toEqual([{ version_id: after.id, percentage: 100 }]);
    await eventually(() => see(corral, "bulk"), hasEnv({ API_KEY: secretValue("abc"), STRIPE_KEY: secretValue("stripe") }));

    project.write(
      ".env.production",
      `API_KEY = ${secretValue("dotenv")}\nexport MULTI="a\\nb"\n# a comment\nQUOTED='${secretValue("single")} # quoted'\n`,
    );
    await stock.run("secret bulk .env.production");
    await eventually(
      () => see(corral, "bulk"),
      hasEnv({
        API_KEY: secretValue("dotenv"),
        MULTI: "a\nb",
        QUOTED: `${secretValue("single")} # quoted`,
        STRIPE_KEY: secretValue("stripe"),
      }),
    );

    await stock.run(
      "secret bulk",
      JSON.stringify({ API_KEY: secretValue("stdin"), MULTI: null, QUOTED: null, STRIPE_KEY: null }),
    );
    await eventually(() => see(corral, "bulk"), hasEnv({ API_KEY: secretValue("stdin") }));
    expect((await newestVersion(corral, "bulk")).number).toBe(before.number + 3);
  });

  test("list shows names, delete removes one; a deleted secret stays away when the code is deployed again", async () => {
    const { stock } = newProject("listed");
    const bindings = [
      { type: "secret_text", name: "API_KEY", text: secretValue("one") },
      { type: "secret_text", name: "DATABASE_URL", text: secretValue("two") },
    ];
    await putWorker(corral, "listed", { bindings });
    const json = await stock.run("secret list --format json");
    expect(JSON.parse(json.stdout)).toEqual([
      { name: "API_KEY", type: "secret_text" },
      { name: "DATABASE_URL", type: "secret_text" },
    ]);
    const pretty = await stock.run("secret list --format pretty");
    expect(pretty.stdout).toContain("Secret Name: API_KEY\n");
    expect(pretty.stdout).toContain("Secret Name: DATABASE_URL\n");

    const gone = await stock.run("secret delete API_KEY");
    expect(gone.stdout).toContain("✨ Success! Deleted secret API_KEY");
    await eventually(() => see(corral, "listed"), hasEnv({ DATABASE_URL: secretValue("two") }));
    const again = await stock.try("secret delete API_KEY");
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("Binding 'API_KEY' not found. [code: 10056]");
    await stock.run("deploy");
    await eventually(
      () => see(corral, "listed"),
      ({ code }) => code === "listed",
    );
    expect(await listSecrets(corral, "listed")).toEqual(["DATABASE_URL"]);
  });
});

describe("deploy", () => {
  test("--secrets-file, --message and --tag; what is not in the file stays", async () => {
    const { project, stock } = newProject("with-file", { secrets: { required: ["NEEDED"] } });
    await putWorker(corral, "with-file", { bindings: [{ type: "secret_text", name: "KEPT", text: secretValue("kept") }] });
    const refused = await stock.try("deploy");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("The following required secrets have not been set: NEEDED");
    expect((await listVersions(corral, "with-file")).length).toBe(1);

    project.write("secrets.json", JSON.stringify({ NEEDED: secretValue("needed") }));
    const ran = await stock.run("deploy --secrets-file secrets.json --message 'with its secrets' --tag v1.2.3");
    expect(ran.stdout).toContain('env.NEEDED ("(hidden)")');
    await eventually(() => see(corral, "with-file"), hasEnv({ NEEDED: secretValue("needed"), KEPT: secretValue("kept") }));
    const { annotations } = await newestVersion(corral, "with-file");
    expect(annotations).toMatchObject({ "workers/message": "with its secrets", "workers/tag": "v1.2.3" });
  });

  test("drops variables unless --keep-vars, and never a secret", async () => {
    const { stock } = newProject("vars");
    const bindings = [
      { type: "plain_text", name: "MODE", text: "from-elsewhere" },
      { type: "json", name: "FLAGS", json: { on: true } },
      { type: "secret_text", name: "KEY", text: secretValue("key") },
    ];
    await putWorker(corral, "vars", { bindings });
    await stock.run("deploy --keep-vars");
    const kept = await eventually(
      () => see(corral, "vars"),
      ({ code }) => code === "vars",
    );
    expect(kept.env).toEqual({ MODE: digest("from-elsewhere"), FLAGS: "object", KEY: digest(secretValue("key")) });
    await stock.run("deploy");
    await eventually(() => see(corral, "vars"), hasEnv({ KEY: secretValue("key") }));
  });
});

describe("versions", () => {
  test("secret bulk and delete make versions and deploy nothing; list and view name them", async () => {
    const { project, stock } = newProject("versioned");
    await putWorker(corral, "versioned", { bindings: [{ type: "secret_text", name: "OLD", text: secretValue("old") }] });
    const live = await newestVersion(corral, "versioned");
    project.write("secrets.json", JSON.stringify({ A: secretValue("a"), B: secretValue("b") }));
    const bulk = await stock.run("versions secret bulk secrets.json --message 'two more' --tag bulk");
    expect(bulk.stdout).toMatch(/✨ Success! Created version [0-9a-f-]{36} with 2 secrets/);
    const withBoth = await newestVersion(corral, "versioned");
    expect(withBoth.annotations).toMatchObject({ "workers/message": "two more", "workers/tag": "bulk" });

    const gone = await stock.run("versions secret delete OLD");
    expect(gone.stdout).toMatch(/✨ Success! Created version [0-9a-f-]{36} with deleted secret OLD\./);
    const newest = await newestVersion(corral, "versioned");
    expect(newest.resources.bindings.map(({ name }) => name)).toEqual(["A", "B"]);
    expect((await listDeployments(corral, "versioned"))[0]?.versions).toEqual([{ version_id: live.id, percentage: 100 }]);
    expect((await see(corral, "versioned")).env).toEqual(digests({ OLD: secretValue("old") }));

    const list = await stock.run("versions list");
    for (const { id } of [live, withBoth, newest]) expect(list.stdout).toContain(id);
    const view = await stock.run(`versions view ${newest.id}`);
    expect(view.stdout).toContain("Secret Name:");
    expect(view.stdout).not.toContain(secretValue("a"));
  });

  test("upload gives a version with a preview address that serves it, and leaves the traffic alone", async () => {
    const { project, stock } = newProject("previewed", { workers_dev: true, preview_urls: true });
    await stock.run("deploy");
    await putSecret(corral, "previewed", "KEY", secretValue("key"));
    project.write("index.js", probe("preview"));
    const ran = await stock.run("versions upload --message preview --tag p1");
    const id = /Worker Version ID: ([0-9a-f-]{36})/.exec(ran.stdout)?.[1] ?? "";
    expect((await newestVersion(corral, "previewed")).id).toBe(id);
    expect(ran.stdout).toMatch(new RegExp(`Version Preview URL: https://${id.slice(0, 8)}-previewed\\.`));
    const shown = await eventually(
      () => see(corral, `${id.slice(0, 8)}-previewed`),
      () => true,
    );
    expect(shown).toEqual({ code: "preview", env: digests({ KEY: secretValue("key") }) });
    expect((await see(corral, "previewed")).code).toBe("previewed");
  });

  test("upload to a Worker that does not exist is refused with the way out", async () => {
    const { stock } = newProject("never-deployed");
    const ran = await stock.try("versions upload");
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("You cannot upload a new version of a Worker that does not yet exist");
  });

  test("secret put on a Worker without versions says that there are none", async () => {
    const { stock } = newProject("empty");
    await corral.must("POST", "/workers/workers", { name: "empty" });
    const ran = await stock.try("versions secret put KEY", secretValue("some"));
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("There are currently no uploaded versions of this Worker");
  });
});

describe("deployments and rollback", () => {
  test("rollback to before a changed secret is confirmed and forced; status and list follow", async () => {
    const { stock } = newProject("rolled");
    await putWorker(corral, "rolled");
    await putSecret(corral, "rolled", "KEY", secretValue("first"));
    const first = await newestVersion(corral, "rolled");
    await putSecret(corral, "rolled", "KEY", secretValue("second"));
    await eventually(() => see(corral, "rolled"), hasEnv({ KEY: secretValue("second") }));

    const ran = await stock.run(`rollback ${first.id} --message 'back again'`);
    expect(ran.stdout + ran.stderr).toMatch(/The following secrets have changed since version/);
    expect(ran.stdout + ran.stderr).toContain("* KEY");
    await eventually(() => see(corral, "rolled"), hasEnv({ KEY: secretValue("first") }));
    const [active, previous] = await listDeployments(corral, "rolled");
    expect(active).toMatchObject({
      annotations: { "workers/message": "back again" },
      versions: [{ version_id: first.id, percentage: 100 }],
    });

    const status = await stock.run("deployments status");
    expect(status.stdout).toContain(`(100%) ${first.id}`);
    const list = await stock.run("deployments list");
    expect(list.stdout).toContain(`(100%) ${previous?.versions[0]?.version_id}`);
    expect(list.stdout).toContain("back again");

    // Without an id it goes to the newest earlier deployment with one version at 100 %.
    await stock.run("rollback");
    await eventually(() => see(corral, "rolled"), hasEnv({ KEY: secretValue("second") }));
  });
});

describe("the Worker itself", () => {
  test("triggers deploy stores the crons and the hostname", async () => {
    const { stock } = newProject("triggered", { triggers: { crons: ["*/5 * * * *", "0 3 * * 1"] }, workers_dev: true });
    await putWorker(corral, "triggered");
    await corral.must("POST", "/workers/scripts/triggered/subdomain", { enabled: false });
    await eventually(
      () => corral.ask("triggered"),
      ({ status }) => status === 404,
    );
    const ran = await stock.run("triggers deploy");
    expect(ran.stdout).toContain("schedule: */5 * * * *");
    const { schedules } = await corral.must<{ schedules: { cron: string }[] }>("GET", "/workers/scripts/triggered/schedules");
    expect(schedules.map(({ cron }) => cron)).toEqual(["*/5 * * * *", "0 3 * * 1"]);
    await eventually(
      () => corral.ask("triggered"),
      ({ status }) => status === 200,
    );
  });

  test("delete ends its traffic and forgets it; the name is free again and empty", async () => {
    const { stock } = newProject("deleted");
    await putWorker(corral, "deleted", { bindings: [{ type: "secret_text", name: "KEY", text: secretValue("key") }] });
    await eventually(() => see(corral, "deleted"), hasEnv({ KEY: secretValue("key") }));
    await stock.run("delete");
    await eventually(
      () => corral.ask("deleted"),
      ({ status }) => status === 404,
    );
    const absent = await corral.api("GET", "/workers/scripts/deleted/secrets");
    expect([absent.status, absent.body?.errors[0]?.code]).toEqual([404, 10007]);
    await stock.run("deploy");
    await eventually(() => see(corral, "deleted"), hasEnv({}));
  });

  test("whoami knows the token and its account", async () => {
    const { stock } = newProject("nobody");
    const ran = await stock.run("whoami");
    expect(ran.stdout).toContain(corral.accountId);
  });
});

test("the canary sweep finds no value of this file anywhere", () => {
  expect(sweepValues(corral)).toEqual([]);
});
