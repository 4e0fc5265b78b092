/** Both generations of the official SDK through every operation that they have of this wire. */
import { Cloudflare, toFile } from "cloudflare";
import { Cloudflare as Cloudflare6 } from "cloudflare-6";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digests, eventually, probe, see } from "../support/probe.ts";
import { secretValue } from "../support/values.ts";
import { type Bench, openBench } from "./releases.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench?.[Symbol.asyncDispose]());

const GENERATIONS = [
  { sdk: "7.3", short: "seven", open: (options: Options): Cloudflare => new Cloudflare(options) },
  { sdk: "6.5", short: "six", open: openSix },
] as const;

interface Options {
  readonly apiToken: string;
  readonly baseURL: string;
}

/** What is called here is spelt alike in both, but that 6.5 takes the owner's name before the id and 7.3 after it. */
function openSix(options: Options): Cloudflare {
  const six = new Cloudflare6(options);
  const { secrets, versions, deployments } = six.workers.scripts;
  ownerFirst(secrets, "script_name");
  ownerFirst(versions, "script_name");
  ownerFirst(deployments, "script_name");
  ownerFirst(six.workers.beta.workers.versions, "worker_id");
  return six as unknown as Cloudflare;
}

function ownerFirst(resource: object, owner: "script_name" | "worker_id"): void {
  for (const method of ["get", "delete"]) {
    const original: unknown = Reflect.get(resource, method);
    if (typeof original !== "function") continue;
    Reflect.set(resource, method, (id: string, { [owner]: name, ...params }: Readonly<Record<string, unknown>>): unknown =>
      Reflect.apply(original, resource, [name, id, params]),
    );
  }
}

type DeploymentsOf<T> = T & { readonly deployments?: readonly { readonly id: string }[] };

const DATE = "2026-11-01";
const MODULE = "application/javascript+module";
const secretText = (name: string, label: string) => ({ type: "secret_text" as const, name, text: secretValue(label) });
const moduleFile = (code: string) => toFile(Buffer.from(code), "index.js", { type: MODULE });
const base64 = (code: string): string => Buffer.from(code).toString("base64");

/** A list that does not end by itself is cut after more than anybody made here. */
async function all<T>(list: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const one of list) {
    found.push(one);
    if (found.length > 50) throw new Error("the list does not end");
  }
  return found;
}

async function expectLive(worker: string, code: string, env: Readonly<Record<string, string>>): Promise<void> {
  const seen = await eventually(
    () => see(bench.corral, worker),
    (now) => now.code === code && Object.keys(now.env).length === Object.keys(env).length,
  );
  expect(seen.env).toEqual(env);
}

describe.each(GENERATIONS)("the SDK $sdk", ({ short, open }) => {
  const worker = `sdk-${short}`;
  let client: Cloudflare;
  let account: { readonly account_id: string };
  beforeAll(() => {
    client = open({ apiToken: bench.watch.token, baseURL: bench.watch.apiUrl });
    account = { account_id: bench.watch.accountId };
  });

  test("finds the account and its token, and lists end", async () => {
    expect((await all(client.accounts.list())).map(({ id }) => id)).toEqual([account.account_id]);
    expect((await client.accounts.get(account)).id).toBe(account.account_id);
    expect((await client.user.tokens.verify()).status).toBe("active");
    expect((await client.accounts.tokens.verify(account)).status).toBe("active");
    expect(await all(client.memberships.list())).toHaveLength(1);
    const { subdomain } = await client.workers.subdomains.get(account);
    expect((await client.workers.subdomains.update({ ...account, subdomain })).subdomain).toBe(subdomain);
    await client.workers.accountSettings.get(account);
    await client.workers.accountSettings.update({ ...account, default_usage_model: "standard" });
    expect(await all(client.workers.domains.list(account))).toEqual([]);
  });

  test("scripts.update uploads modules and bindings of every kind, and the Worker serves them", async () => {
    const made = await client.workers.scripts.update(worker, {
      ...account,
      metadata: {
        main_module: "index.js",
        compatibility_date: DATE,
        bindings: [
          secretText("KEY", "uploaded"),
          { type: "plain_text", name: "MODE", text: "on" },
          { type: "json", name: "FLAGS", json: "text" },
        ],
        observability: { enabled: true, head_sampling_rate: 0.5 },
        tags: [`of:${short}`],
      },
      files: [await moduleFile(probe("first"))],
    });
    expect(made).toMatchObject({ id: worker, handlers: ["fetch"], has_modules: true });
    await client.workers.scripts.subdomain.create(worker, { ...account, enabled: true });
    await expectLive(worker, "first", digests({ KEY: secretValue("uploaded"), MODE: "on", FLAGS: "text" }));
    expect((await all(client.workers.scripts.list(account))).map(({ id }) => id)).toContain(worker);
    expect(await client.workers.scripts.get(worker, account)).toContain('"first"');
    expect(await client.workers.scripts.search({ ...account, name: worker })).toHaveLength(1);
  });

  test("secrets: update, list, get, bulkUpdate and delete are live at once and show no value", async () => {
    const { secrets } = client.workers.scripts;
    expect(await secrets.update(worker, { ...account, ...secretText("ONE", "one") })).toEqual({
      name: "ONE",
      type: "secret_text",
    });
    expect((await all(secrets.list(worker, account))).map(({ name }) => name)).toEqual(["KEY", "ONE"]);
    expect(await secrets.get("ONE", { ...account, script_name: worker })).toEqual({ name: "ONE", type: "secret_text" });
    await secrets.bulkUpdate(worker, { ...account, secrets: { TWO: secretText("TWO", "two"), KEY: null } });
    await secrets.delete("ONE", { ...account, script_name: worker });
    await expectLive(worker, "first", digests({ TWO: secretValue("two"), MODE: "on", FLAGS: "text" }));
    const absent = secrets.get("ONE", { ...account, script_name: worker });
    await expect(absent).rejects.toMatchObject({ status: 404, errors: [{ code: 10056 }] });
  });

  test("settings: the versioned and the others, read and edited", async () => {
    const { scriptAndVersionSettings, settings, schedules, subdomain } = client.workers.scripts;
    const edited = await scriptAndVersionSettings.edit(worker, {
      ...account,
      settings: {
        bindings: [
          { type: "inherit", name: "TWO" },
          { type: "plain_text", name: "MODE", text: "off" },
        ],
      },
    });
    expect(edited.bindings?.map(({ name }) => name)).toEqual(["MODE", "TWO"]);
    await expectLive(worker, "first", digests({ TWO: secretValue("two"), MODE: "off" }));
    expect((await scriptAndVersionSettings.get(worker, account)).compatibility_date).toBe(DATE);
    expect((await settings.edit(worker, { ...account, logpush: false, tags: ["a:b"] })).tags).toEqual(["a:b"]);
    expect((await settings.get(worker, account)).tags).toEqual(["a:b"]);
    const set = await schedules.update(worker, { ...account, body: [{ cron: "*/5 * * * *" }] });
    expect(set.schedules?.map(({ cron }) => cron)).toEqual(["*/5 * * * *"]);
    expect((await schedules.get(worker, account)).schedules).toHaveLength(1);
    expect((await subdomain.get(worker, account)).enabled).toBe(true);
  });

  test("versions and deployments: made, listed to the end, moved by shares, read and forgotten", async () => {
    const { versions, deployments } = client.workers.scripts;
    const made = await versions.create(worker, {
      ...account,
      metadata: { main_module: "index.js", compatibility_date: DATE, annotations: { "workers/tag": "v2" } },
      files: [await moduleFile(probe("second"))],
    });
    const next = made.id ?? "";
    const items = await all(versions.list(worker, { ...account, per_page: 2 }));
    expect(items[0]?.id).toBe(next);
    const old = items[1]?.id ?? "";
    expect((await versions.get(next, { ...account, script_name: worker })).id).toBe(next);
    const shares = (percent: number) => [
      { version_id: next, percentage: percent },
      ...(percent === 100 ? [] : [{ version_id: old, percentage: 100 - percent }]),
    ];
    const half = await deployments.create(worker, { ...account, strategy: "percentage", versions: shares(12.5) });
    const whole = await deployments.create(worker, { ...account, strategy: "percentage", versions: shares(100) });
    await expectLive(worker, "second", digests({ TWO: secretValue("two") }));
    expect((await deployments.get(half.id, { ...account, script_name: worker })).versions[0]?.percentage).toBe(12.5);
    await deployments.delete(half.id, { ...account, script_name: worker });
    // 7.3 shows the page with its envelope's result, 6.5 the result.
    const page = (await deployments.list(worker, account)) as unknown as DeploymentsOf<{ result?: DeploymentsOf<object> }>;
    expect((page.result ?? page).deployments?.[0]?.id).toBe(whole.id);
    const gone = deployments.get(half.id, { ...account, script_name: worker });
    await expect(gone).rejects.toMatchObject({ status: 404 });
    const active = deployments.delete(whole.id, { ...account, script_name: worker });
    await expect(active).rejects.toMatchObject({ status: 400 });
  });

  test("content: replaced under the same bindings, and read back", async () => {
    const { content } = client.workers.scripts;
    await content.update(worker, {
      ...account,
      metadata: { main_module: "index.js" },
      files: [await moduleFile(probe("third"))],
      "CF-WORKER-MAIN-MODULE-PART": "index.js",
    });
    await expectLive(worker, "third", digests({ TWO: secretValue("two") }));
    const answer = await content.get(worker, account);
    expect(answer.headers.get("cf-entrypoint")).toBe("index.js");
    expect(await answer.text()).toContain(`\r\n\r\n${probe("third")}\r\n--`);
  });

  test("the new Workers API: Workers and versions, made, listed to the end, edited and deleted", async () => {
    const { workers } = client.workers.beta;
    const name = `beta-${short}`;
    const made = await workers.create({ ...account, name, subdomain: { enabled: true } });
    expect(made).toMatchObject({ name, id: expect.stringMatching(/^[0-9a-f]{32}$/), deployed_on: null });
    const listed = await all(workers.list({ ...account, per_page: 1 }));
    expect(listed.map((one) => one.name)).toContain(name);
    const modules = [{ name: "index.js", content_type: MODULE, content_base64: base64(probe("beta")) }];
    const version = await workers.versions.create(made.id, {
      ...account,
      deploy: true,
      main_module: "index.js",
      compatibility_date: DATE,
      modules,
      bindings: [secretText("KEY", "beta")],
    });
    expect(version.bindings).toEqual([{ name: "KEY", type: "secret_text" }]);
    await expectLive(name, "beta", digests({ KEY: secretValue("beta") }));
    for (const mark of ["more", "most"]) {
      const again = [{ name: "index.js", content_type: MODULE, content_base64: base64(probe(mark)) }];
      await workers.versions.create(made.id, { ...account, main_module: "index.js", compatibility_date: DATE, modules: again });
    }
    const versions = await all(workers.versions.list(made.id, { ...account, per_page: 1 }));
    expect(versions.map(({ number }) => number)).toEqual([3, 2, 1]);
    const inside = { ...account, worker_id: made.id };
    const whole = await workers.versions.get(versions[1]?.id ?? "", { ...inside, include: "modules" });
    expect(whole.modules?.[0]?.content_base64).toBe(base64(probe("more")));
    await workers.versions.delete(versions[1]?.id ?? "", inside);
    expect(await all(workers.versions.list(made.id, account))).toHaveLength(2);

    expect((await workers.edit(made.id, { ...account, tags: ["x"] } as Parameters<typeof workers.edit>[1])).tags).toEqual(["x"]);
    expect((await workers.update(made.id, { ...account, name: `${name}-renamed` })).name).toBe(`${name}-renamed`);
    await expectLive(`${name}-renamed`, "beta", digests({ KEY: secretValue("beta") }));
    expect((await workers.get(made.id, account)).id).toBe(made.id);
    await workers.delete(made.id, account);
    await expect(workers.get(made.id, account)).rejects.toMatchObject({ status: 404 });
  });

  test("scripts.delete and subdomain.delete end its traffic", async () => {
    await client.workers.scripts.subdomain.delete(worker, account);
    await eventually(
      () => bench.corral.ask(worker),
      ({ status }) => status === 404,
    );
    await client.workers.scripts.delete(worker, { ...account, force: true });
    await expect(client.workers.scripts.secrets.list(worker, account)).rejects.toMatchObject({ errors: [{ code: 10007 }] });
  });
});

test("no client met a failure of the server, an unknown route or a value of a secret", () => {
  expect(bench.problems()).toEqual([]);
});
