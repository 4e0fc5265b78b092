/** The rules behind the commands, through the HTTP API: each code with what it does not change. */
import { type ApiAnswer, type RunningCorral, startCorral, uploadForm } from "@corral/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digest, digests, eventually, override, probe, see } from "./support/probe.ts";
import { secretValue, sweepValues } from "./support/values.ts";
import {
  deployShares,
  listDeployments,
  listSecrets,
  listVersions,
  newestVersion,
  patchVersion,
  putSecret,
  putWorker,
  uploadVersion,
} from "./support/wire.ts";

let corral: RunningCorral;

beforeAll(async () => {
  corral = await startCorral();
});

afterAll(async () => {
  await corral?.[Symbol.asyncDispose]();
});

const S = (worker: string): string => `/workers/scripts/${worker}`;
const secret = (name: string, text: string): object => ({ type: "secret_text", name, text });
const variable = (name: string, text: string): object => ({ type: "plain_text", name, text });

function codes(answer: ApiAnswer): [number, ...number[]] {
  return [answer.status, ...(answer.body?.errors.map(({ code }) => code) ?? [])];
}

/** Uploads raw, to look at the refusal. */
function tryUpload(method: "PUT" | "POST", worker: string, metadata: object, query = ""): Promise<ApiAnswer> {
  const form = uploadForm({ main_module: "index.js", compatibility_date: "2026-11-01", ...metadata }, [
    { name: "index.js", content: probe("rules") },
  ]);
  return corral.api(method, `${S(worker)}${method === "POST" ? "/versions" : ""}${query}`, form.body, form.headers);
}

async function bindingsOf(worker: string): Promise<Record<string, string>> {
  const { resources } = await newestVersion(corral, worker);
  return Object.fromEntries(resources.bindings.map(({ name, type }) => [name, type]));
}

async function liveVersion(worker: string): Promise<string> {
  return (await listDeployments(corral, worker))[0]?.versions[0]?.version_id ?? "";
}

describe("an undeployed newest version", () => {
  test("refuses put, delete and bulk of secrets with 10215 and settings with 10214; nothing changes", async () => {
    await putWorker(corral, "guarded", { bindings: [secret("KEY", secretValue("key"))] });
    const draft = await patchVersion(corral, "guarded", { KEY: secretValue("draft") });
    expect(codes(await corral.api("PUT", `${S("guarded")}/secrets`, secret("KEY", secretValue("x"))))).toEqual([400, 10215]);
    expect(codes(await corral.api("DELETE", `${S("guarded")}/secrets/KEY`))).toEqual([400, 10215]);
    const bulk = { secrets: { KEY: secret("KEY", secretValue("x")) } };
    expect(codes(await corral.api("PATCH", `${S("guarded")}/secrets-bulk`, bulk))).toEqual([400, 10215]);
    expect(codes(await corral.api("PATCH", `${S("guarded")}/settings`, { bindings: [] }))).toEqual([400, 10214]);
    expect((await newestVersion(corral, "guarded")).id).toBe(draft);
    expect((await listDeployments(corral, "guarded")).length).toBe(1);

    // Half deployed is not deployed; wholly deployed is.
    await deployShares(corral, "guarded", { [draft]: 50, [await liveVersion("guarded")]: 50 });
    expect(codes(await corral.api("PUT", `${S("guarded")}/secrets`, secret("KEY", secretValue("x"))))).toEqual([400, 10215]);
    await deployShares(corral, "guarded", { [draft]: 100 });
    expect(codes(await corral.api("PUT", `${S("guarded")}/secrets`, secret("KEY", secretValue("x"))))).toEqual([200]);
  });
});

describe("going back over a changed secret (10220)", () => {
  test("is refused with the names, until it is forced", async () => {
    await putWorker(corral, "back", {
      bindings: [secret("A", secretValue("a")), secret("B", secretValue("b")), secret("SAME", secretValue("s"))],
    });
    const first = await newestVersion(corral, "back");
    const changes = {
      A: secret("A", secretValue("a-other")),
      B: secret("B", secretValue("b-other")),
      SAME: secret("SAME", secretValue("s")),
    };
    await corral.must("PATCH", `${S("back")}/secrets-bulk`, { secrets: changes });
    const back = { strategy: "percentage", versions: [{ version_id: first.id, percentage: 100 }] };
    const refused = await corral.api("POST", `${S("back")}/deployments`, back);
    expect(codes(refused)).toEqual([400, 10220]);
    expect(refused.body?.errors[0]?.message).toMatch(/The following secrets have changed: A, B$/);
    await corral.must("POST", `${S("back")}/deployments?force=true`, back);
    await eventually(
      () => see(corral, "back"),
      ({ env }) => env["A"] === digest(secretValue("a")),
    );
  });

  test("is not asked for moving shares among live versions, nor for a new version", async () => {
    const old = await putWorker(corral, "moving", { bindings: [secret("A", secretValue("a"))] });
    const next = await patchVersion(corral, "moving", { A: secretValue("a-other") });
    for (const share of [20, 50, 20, 0, 100]) {
      await deployShares(corral, "moving", share === 100 ? { [next]: 100 } : { [next]: share, [old]: 100 - share });
    }
    expect((await listDeployments(corral, "moving")).length).toBe(6);
  });
});

describe("deployments", () => {
  test.each([
    ["shares that do not sum to 100", (a: string, b: string) => ({ [a]: 50, [b]: 49 })],
    ["a share above 100", (a: string) => ({ [a]: 101 })],
    ["a negative share", (a: string, b: string) => ({ [a]: -1, [b]: 101 })],
    ["an unknown version", () => ({ "00000000-0000-4000-8000-000000000000": 100 })],
    ["no version", () => ({})],
  ])("%s: 10021, and the old deployment stays", async (_what, shares) => {
    const worker = "shares";
    const first =
      (await corral.api("GET", `${S(worker)}/deployments`)).status === 404
        ? await putWorker(corral, worker)
        : await liveVersion(worker);
    const second = await uploadVersion(corral, worker);
    const versions = Object.entries<number>(shares(first, second)).map(([version_id, percentage]) => ({
      version_id,
      percentage,
    }));
    const refused = await corral.api("POST", `${S(worker)}/deployments`, { strategy: "percentage", versions });
    expect(codes(refused)).toEqual([400, 10021]);
    expect(await liveVersion(worker)).toBe(first);
  });

  test("a version of another Worker, two of one version and three versions are refused", async () => {
    const one = await putWorker(corral, "mine");
    const other = await putWorker(corral, "theirs");
    const second = await uploadVersion(corral, "mine");
    const third = await uploadVersion(corral, "mine");
    const attempt = (...versions: [string, number][]): Promise<ApiAnswer> =>
      corral.api("POST", `${S("mine")}/deployments`, {
        strategy: "percentage",
        versions: versions.map(([version_id, percentage]) => ({ version_id, percentage })),
      });
    expect(codes(await attempt([other, 100]))).toEqual([400, 10021]);
    expect(codes(await attempt([one, 50], [one, 50]))).toEqual([400, 10021]);
    expect(codes(await attempt([one, 40], [second, 30], [third, 30]))).toEqual([400, 10021]);
    expect(codes(await attempt([one, 99.999], [second, 0.001]))).toEqual([200]);
  });

  test("carry what the real service writes on them", async () => {
    await putWorker(corral, "annotated");
    const [first] = await listDeployments(corral, "annotated");
    expect(first?.annotations).toEqual({
      "workers/triggered_by": "upload",
      "workers/message": "Automatic deployment on upload.",
    });
    const uploaded = await uploadVersion(corral, "annotated", { annotations: { "workers/message": "m", "workers/tag": "t" } });
    await corral.must("POST", `${S("annotated")}/deployments`, {
      strategy: "percentage",
      versions: [{ version_id: uploaded, percentage: 100 }],
      annotations: { "workers/message": "mine" },
    });
    expect((await listDeployments(corral, "annotated"))[0]?.annotations).toEqual({
      "workers/triggered_by": "deployment",
      "workers/message": "mine",
    });
    await putSecret(corral, "annotated", "KEY", secretValue("key"));
    const triggers = (await listVersions(corral, "annotated")).map(({ annotations }) => annotations["workers/triggered_by"]);
    expect(triggers).toEqual(["secret", "version_upload", "upload"]);
  });
});

describe("names", () => {
  test("a secret cannot take a variable's name (10053), nor an upload use one twice", async () => {
    await putWorker(corral, "taken", { bindings: [variable("MODE", "fast")] });
    const put = await corral.api("PUT", `${S("taken")}/secrets`, secret("MODE", secretValue("x")));
    expect(codes(put)).toEqual([400, 10053]);
    expect(put.body?.errors[0]?.message).toBe("Binding name 'MODE' already in use. Please use a different name and try again.");
    const bulk = { secrets: { OK: secret("OK", secretValue("x")), MODE: secret("MODE", secretValue("x")) } };
    expect(codes(await corral.api("PATCH", `${S("taken")}/secrets-bulk`, bulk))).toEqual([400, 10053]);
    expect(codes(await tryUpload("PUT", "taken", { bindings: [variable("A", "1"), secret("A", "2-value")] }))).toEqual([
      400, 10053,
    ]);
    expect(await bindingsOf("taken")).toEqual({ MODE: "plain_text" });
  });

  test("an absent secret is 10056, an absent Worker 10007 and, as a service, 10090; a Worker without versions 10222", async () => {
    await putWorker(corral, "present");
    expect(codes(await corral.api("DELETE", `${S("present")}/secrets/NOPE`))).toEqual([404, 10056]);
    expect(codes(await corral.api("GET", `${S("present")}/secrets/NOPE`))).toEqual([404, 10056]);
    expect(codes(await corral.api("PUT", `${S("absent")}/secrets`, secret("A", secretValue("x"))))).toEqual([404, 10007]);
    expect(codes(await corral.api("GET", "/workers/services/absent"))).toEqual([404, 10090]);
    await corral.must("POST", "/workers/workers", { name: "hollow" });
    const patch = { env: { A: { type: "secret_text", text: secretValue("x") } } };
    expect(codes(await corral.api("PATCH", "/workers/workers/hollow/versions/latest", patch))).toEqual([404, 10222]);
  });

  test("a name with an @ or a blank is one path segment", async () => {
    await putWorker(corral, "oddly");
    for (const name of ["a@b", "with blank", "ümlaut", "a/b"]) {
      await putSecret(corral, "oddly", name, secretValue("odd"));
      await corral.must("DELETE", `${S("oddly")}/secrets/${encodeURIComponent(name)}?url_encoded=true`);
    }
    expect(await listSecrets(corral, "oddly")).toEqual([]);
  });
});

describe("what an upload inherits", () => {
  test("keep_bindings: absent keeps secrets, present keeps exactly its types", async () => {
    const all = [secret("KEY", secretValue("key")), variable("MODE", "fast"), { type: "json", name: "FLAGS", json: [1] }];
    await putWorker(corral, "kept", { bindings: all });
    const base = await newestVersion(corral, "kept");
    const after = async (metadata: object): Promise<string[]> => {
      await deployShares(corral, "kept", { [base.id]: 100 });
      await putWorker(corral, "kept", { bindings: all });
      await uploadVersion(corral, "kept", metadata);
      return Object.keys(await bindingsOf("kept"));
    };
    expect(await after({})).toEqual(["KEY"]);
    expect(await after({ keep_bindings: ["secret_text", "secret_key"] })).toEqual(["KEY"]);
    expect(await after({ keep_bindings: ["plain_text", "json", "secret_text", "secret_key"] })).toEqual(["FLAGS", "KEY", "MODE"]);
    expect(await after({ keep_bindings: ["plain_text"] })).toEqual(["MODE"]);
    expect(await after({ keep_bindings: ["secret_key"] })).toEqual([]);
    expect(await after({ keep_bindings: [] })).toEqual([]);
  });

  test("inherit renames, reaches back to any retained version, and works for every type", async () => {
    const first = await putWorker(corral, "heir", { bindings: [secret("KEY", secretValue("first")), variable("MODE", "slow")] });
    await putWorker(corral, "heir", { bindings: [secret("KEY", secretValue("second")), variable("MODE", "fast")] });
    await putWorker(corral, "heir", {
      keep_bindings: [],
      bindings: [
        { type: "inherit", name: "KEY" },
        { type: "inherit", name: "OLD_KEY", old_name: "KEY", version_id: first },
        { type: "inherit", name: "SPEED", old_name: "MODE" },
      ],
    });
    const seen = await eventually(
      () => see(corral, "heir"),
      ({ env }) => "OLD_KEY" in env,
    );
    expect(seen.env).toEqual(digests({ KEY: secretValue("second"), OLD_KEY: secretValue("first"), SPEED: "fast" }));
  });

  test("strict inherit names every missing binding (10057); without strict they are left out", async () => {
    await putWorker(corral, "strict", { bindings: [secret("KEY", secretValue("key"))] });
    const bindings = ["KEY", "ONE", "TWO"].map((name) => ({ type: "inherit", name }));
    const refused = await tryUpload("POST", "strict", { bindings }, "?bindings_inherit=strict");
    expect(codes(refused)).toEqual([400, 10057, 10057]);
    expect(refused.body?.errors.map(({ message }) => /^inherit binding '(.+?)' is invalid/.exec(message)?.[1])).toEqual([
      "ONE",
      "TWO",
    ]);
    expect((await listVersions(corral, "strict")).length).toBe(1);
    expect(codes(await tryUpload("POST", "strict", { bindings }))).toEqual([200]);
    expect(await bindingsOf("strict")).toEqual({ KEY: "secret_text" });
  });

  test("a variable becomes a secret and a secret a variable by saying so", async () => {
    await putWorker(corral, "changeling", { bindings: [variable("A", "as-variable")] });
    await putWorker(corral, "changeling", { bindings: [secret("A", "as-secret")] });
    expect(await bindingsOf("changeling")).toEqual({ A: "secret_text" });
    await putWorker(corral, "changeling", { bindings: [variable("A", "as-variable")] });
    expect(await bindingsOf("changeling")).toEqual({ A: "plain_text" });
    expect(await listSecrets(corral, "changeling")).toEqual([]);
  });

  test("a hundred uploads later the first secret is still there, and a deleted one is not", async () => {
    await putWorker(corral, "long", { bindings: [secret("FIRST", secretValue("first")), secret("GONE", secretValue("gone"))] });
    await corral.must("DELETE", `${S("long")}/secrets/GONE`);
    for (let round = 0; round < 100; round += 1) await uploadVersion(corral, "long");
    const newest = await newestVersion(corral, "long");
    expect(newest.number).toBe(102);
    await deployShares(corral, "long", { [newest.id]: 100 });
    const seen = await eventually(
      () => see(corral, "long"),
      ({ code }) => code === "uploaded",
    );
    expect(seen.env).toEqual(digests({ FIRST: secretValue("first") }));
  });

  test("the base is the newest uploaded version, deployed or not", async () => {
    const live = await putWorker(corral, "base", { bindings: [secret("KEY", secretValue("live"))] });
    await patchVersion(corral, "base", { KEY: secretValue("draft"), MORE: secretValue("more") });
    const uploaded = await uploadVersion(corral, "base");
    expect(Object.keys(await bindingsOf("base"))).toEqual(["KEY", "MORE"]);
    await deployShares(corral, "base", { [uploaded]: 0, [live]: 100 });
    const seen = await eventually(
      () => see(corral, "base", override("base", uploaded)),
      ({ code }) => code === "uploaded",
    );
    expect(seen.env).toEqual(digests({ KEY: secretValue("draft"), MORE: secretValue("more") }));
  });
});

describe("settings of the script", () => {
  test("make no version and survive one", async () => {
    await putWorker(corral, "settled");
    const settings = { tags: ["cf:service=settled"], logpush: true, observability: { enabled: true } };
    await corral.must("PATCH", `${S("settled")}/script-settings`, settings);
    expect((await listVersions(corral, "settled")).length).toBe(1);
    await uploadVersion(corral, "settled");
    expect(await corral.must("GET", `${S("settled")}/script-settings`)).toMatchObject(settings);
  });
});

describe("limits and bad input", () => {
  test.each([
    ["a value over 64 KiB", secret("A", "x".repeat(65_537)), 10054],
    ["a name of 300 characters", secret("A".repeat(300), secretValue("x")), 10052],
    ["an empty name", secret("", secretValue("x")), 10052],
    ["a NUL in the name", secret("A\u0000", secretValue("x")), 10001],
    ["no text", { type: "secret_text", name: "A" }, 10001],
    ["a number as text", { type: "secret_text", name: "A", text: 5 }, 10001],
  ])("%s is refused", async (_what, body, code) => {
    if ((await corral.api("GET", S("limits"))).status === 404) await putWorker(corral, "limits");
    const refused = await corral.api("PUT", `${S("limits")}/secrets`, body);
    expect(codes(refused)).toEqual([400, code]);
    expect(await listSecrets(corral, "limits")).toEqual([]);
  });

  test("exactly 64 KiB are taken and arrive whole", async () => {
    const value = "é".repeat(32_768);
    await putWorker(corral, "large");
    await putSecret(corral, "large", "BIG", value);
    expect(await listSecrets(corral, "large")).toEqual(["BIG"]);
    await eventually(
      () => see(corral, "large"),
      ({ env }) => env["BIG"] === digest(value),
    );
  });

  test("more than the runtime's room is refused before it is stored (10021)", async () => {
    await putWorker(corral, "crowded");
    const secrets = Object.fromEntries(
      Array.from({ length: 16 }, (_, index) => [`S${index}`, secret(`S${index}`, "x".repeat(65_000))]),
    );
    expect(codes(await corral.api("PATCH", `${S("crowded")}/secrets-bulk`, { secrets }))).toEqual([400, 10021]);
    expect(await listSecrets(corral, "crowded")).toEqual([]);
  });

  test("too many in one bulk are refused (100160), too many bindings too (10055)", async () => {
    await putWorker(corral, "many");
    const many = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`S${index}`, secret(`S${index}`, secretValue("x"))]));
    expect(codes(await corral.api("PATCH", `${S("many")}/secrets-bulk`, { secrets: many(513) }))).toEqual([400, 100160]);
    await corral.must("PATCH", `${S("many")}/secrets-bulk`, { secrets: many(512) });
    expect(codes(await corral.api("PUT", `${S("many")}/secrets`, secret("ONE_MORE", secretValue("x"))))).toEqual([400, 10055]);
  });

  test.each([
    ["an unknown binding type", { bindings: [{ type: "nonsense", name: "A" }] }, 10021],
    ["an unsupported binding type", { bindings: [{ type: "kv_namespace", name: "KV", namespace_id: "x" }] }, 10021],
    ["a main module that is not there", { main_module: "other.js" }, 10021],
    ["a part that is not there", { bindings: [{ type: "wasm_module", name: "W", part: "w.wasm" }] }, 10021],
  ])("%s: 10021", async (_what, metadata, code) => {
    const refused = await tryUpload("PUT", "invalid", metadata);
    expect(codes(refused)).toEqual([400, code]);
    expect((await corral.api("GET", `${S("invalid")}/secrets`)).status).toBe(404);
  });

  test("the unsupported type is named", async () => {
    const refused = await tryUpload("PUT", "invalid", { bindings: [{ type: "d1", name: "DB", id: "x" }] });
    expect(refused.body?.errors[0]?.message).toContain("d1");
  });
});

describe("many clients at once", () => {
  test("every acknowledged put of another name is there: no update is lost", async () => {
    await putWorker(corral, "busy");
    const names = Array.from({ length: 40 }, (_, index) => `S${index}`);
    const answers = await Promise.all(
      names.map((name) => corral.api("PUT", `${S("busy")}/secrets`, secret(name, secretValue(`of-${name}`)))),
    );
    const acknowledged = names.filter((_, index) => answers[index]?.status === 200);
    const refusals = answers.filter(({ status }) => status !== 200).map(({ body }) => body?.errors[0]?.code);
    expect(refusals.filter((code) => code !== 10035)).toEqual([]);
    expect((await listSecrets(corral, "busy")).toSorted()).toEqual(acknowledged.toSorted());
    const seen = await eventually(
      () => see(corral, "busy"),
      ({ env }) => Object.keys(env).length === acknowledged.length,
    );
    expect(seen.env).toEqual(digests(Object.fromEntries(acknowledged.map((name) => [name, secretValue(`of-${name}`)]))));
  });
});

test("the canary sweep finds no value of this file anywhere", () => {
  expect(sweepValues(corral)).toEqual([]);
});
