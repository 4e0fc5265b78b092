/** docs/errors.md and the catalogue say the same, and each code is reached: by a request, or by a fault put into control. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CorralError, type ErrorCode, errorCatalogue, redactedText } from "@corral/base";
import { type Control, defaultLimits } from "@corral/control";
import { afterEach, expect, test } from "vitest";
import { createApi } from "./app.ts";
import type { ApiFailure } from "./options.ts";
import { type Answer, call, type CallInit, form, openWorld, upload, type World } from "./test-world.ts";

const codes = Object.keys(errorCatalogue) as ErrorCode[];

test("docs/errors.md lists what the catalogue has, and nothing else", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/errors.md"), "utf8");
  const rows = [...page.matchAll(/^\| `([\w.-]+)` \| (\d+) \| (\d+) \| (.*?) \| [^|]+ \|$/gm)].map(
    ([, code, status, number, message]) => [code, { status: Number(status), cloudflareCode: Number(number), message }] as const,
  );
  expect(rows.length).toBe(new Set(rows.map(([code]) => code)).size);
  expect(Object.fromEntries(rows)).toEqual(errorCatalogue);
});

const S = "A/workers/scripts/hello";
const OTHER = "00000000-0000-4000-8000-00000000dead";
const put = (world: World, name: string, text = "v") => world.call("PUT", `${S}/secrets`, { json: { name, text } });
const deploy = (world: World, ...versions: readonly (readonly [string, number])[]) =>
  world.call("POST", `${S}/deployments`, {
    json: { strategy: "percentage", versions: versions.map(([version_id, percentage]) => ({ version_id, percentage })) },
  });
const raw = (body: string, type = "application/json"): CallInit => ({ body, headers: { "content-type": type } });
const bound = (...bindings: readonly object[]) => upload({ bindings });
const newest = async (world: World): Promise<string> => (await world.call("GET", `${S}/versions`)).result.items[0].id;
const stranger = (world: World, path: string) =>
  call(world.app, "GET", `/client/v4${path}`, {
    authorization: `Bearer ${world.token.slice(0, -1)}${world.token.endsWith("x") ? "y" : "x"}`,
  });
const refuses = (code: "upload.start-failed" | "upload.start-timeout") => ({
  prover: {
    prove: async () =>
      code === "upload.start-failed"
        ? ({ ok: false, kind: "failed", reason: redactedText("Uncaught SyntaxError: x") } as const)
        : ({ ok: false, kind: "hung", reason: "" } as const),
  },
});

/** Each gets a world of its own with one deployed Worker, `hello`. */
const requests: Partial<Record<ErrorCode, (world: World) => Promise<Answer>>> = {
  "request.unparsable": (world) => world.call("PUT", S, raw("x", "multipart/form-data; boundary=b")),
  "request.json-invalid": (world) => world.call("PUT", `${S}/secrets`, raw("{")),
  "request.field-invalid": (world) => world.call("PUT", `${S}/secrets`, raw("{}")),
  "request.too-large": (world) => world.call("PUT", `${S}/secrets`, raw("x".repeat(600_000))),
  "route.not-found": (world) => world.call("GET", "A/workers/nothing"),
  "route.out-of-scope": (world) => world.call("GET", "A/queues"),
  "route.malformed": (world) => world.call("GET", "A/workers/scripts/%zz"),
  "auth.missing": (world) => call(world.app, "GET", "/client/v4/user", {}),
  "auth.malformed": (world) => call(world.app, "GET", "/client/v4/user", { authorization: "x" }),
  "auth.invalid-token": (world) => stranger(world, "/user/tokens/verify"),
  "auth.invalid-access-token": (world) => stranger(world, "/user"),
  "auth.denied": (world) => stranger(world, "/memberships"),
  "token.not-found": (world) => world.call("DELETE", "/corral/v1/tokens/absent"),
  "worker.not-found": (world) => world.call("GET", "A/workers/scripts/absent/secrets"),
  "service.not-found": (world) => world.call("GET", "A/workers/services/absent"),
  "environment.not-found": (world) => world.call("GET", "A/workers/services/hello/environments/absent"),
  "worker.name-invalid": (world) => world.call("PUT", "A/workers/scripts/-a", upload()),
  "worker.exists": (world) => world.call("POST", "A/workers/workers", { json: { name: "hello" } }),
  "worker.too-many": (world) => world.call("PUT", "A/workers/scripts/second", upload()),
  "worker.no-versions": async (world) => {
    await world.call("DELETE", S);
    await world.call("POST", "A/workers/workers", { json: { name: "hello" } });
    return world.call("GET", `${S}/settings`);
  },
  "worker.referenced": async (world) => {
    await world.call("PUT", "A/workers/scripts/b", bound({ type: "service", name: "A", service: "hello" }));
    return world.call("DELETE", S);
  },
  "subdomain.fixed": (world) => world.call("PUT", "A/workers/subdomain", { json: { subdomain: "other" } }),
  "subdomain.taken": async (world) => {
    const { result } = await world.call("GET", "A/workers/subdomain");
    return world.call("GET", `A/workers/subdomains/${result.subdomain}`);
  },
  "subdomain.free": (world) => world.call("GET", "A/workers/subdomains/free"),
  "tail.not-found": (world) => world.call("DELETE", `${S}/tails/absent`),
  "tail.too-many": async (world) => {
    for (let at = 0; at < 10; at += 1) {
      const { result } = await world.call("POST", `${S}/tails`);
      world.tails.attach(result.url.slice(-64), { put: () => undefined, end: () => undefined });
    }
    return world.call("POST", `${S}/tails`);
  },
  "secret.not-found": (world) => world.call("DELETE", `${S}/secrets/ABSENT`),
  "secret.name-taken": async (world) => {
    await world.call("PUT", S, bound({ type: "plain_text", name: "A", text: "b" }));
    return put(world, "A");
  },
  "secret.version-not-deployed": async (world) => {
    await world.call("POST", `${S}/versions`, upload());
    return put(world, "A");
  },
  "settings.version-not-deployed": async (world) => {
    await world.call("POST", `${S}/versions`, upload());
    return world.call("PATCH", `${S}/settings`, form([{ name: "settings", content: '{"bindings":[]}' }]));
  },
  "secret.too-large": (world) => put(world, "A", "x".repeat(65_537)),
  "secret.bulk-too-many": (world) =>
    world.call("PATCH", `${S}/secrets-bulk`, {
      json: { secrets: Object.fromEntries(Array.from({ length: 5 }, (_one, index) => [`K${index}`, { text: "v" }])) },
    }),
  "binding.too-many": (world) =>
    world.call(
      "PUT",
      S,
      bound(...Array.from({ length: 5 }, (_one, index) => ({ type: "plain_text", name: `K${index}`, text: "v" }))),
    ),
  "binding.nameless": (world) => world.call("PUT", S, bound({ type: "plain_text", text: "v" })),
  "binding.name-invalid": (world) => put(world, "N".repeat(300)),
  "binding.value-malformed": (world) => put(world, "A", "\ud800"),
  "binding.duplicate": (world) =>
    world.call("PUT", S, bound({ type: "plain_text", name: "A", text: "v" }, { type: "plain_text", name: "A", text: "v" })),
  "binding.unsupported": (world) => world.call("PUT", S, bound({ type: "kv_namespace", name: "A", namespace_id: "x" })),
  "binding.unknown-type": (world) => world.call("PUT", S, bound({ type: "no_such", name: "A" })),
  "binding.part-missing": (world) => world.call("PUT", S, bound({ type: "text_blob", name: "A", part: "x" })),
  "binding.not-found": (world) => world.call("GET", `${S}/bindings/A/content`),
  "binding.service-missing": (world) => world.call("PUT", S, bound({ type: "service", name: "A", service: "absent" })),
  "inherit.invalid": (world) => world.call("PUT", `${S}?bindings_inherit=strict`, bound({ type: "inherit", name: "A" })),
  "env.too-large": async (world) => {
    for (const name of ["A", "B"]) await put(world, name, "x".repeat(400));
    return put(world, "C", "x".repeat(400));
  },
  "upload.invalid": (world) => world.call("PUT", S, upload({ bindings: "x" })),
  "upload.metadata-missing": (world) => world.call("PUT", S, form([{ name: "a.js", content: "x" }])),
  "upload.main-module-missing": (world) => world.call("PUT", S, upload({ main_module: "x" })),
  "upload.too-large": (world) => world.call("PUT", S, upload({}, `// ${"x".repeat(5000)}`)),
  "upload.start-failed": (world) => world.call("PUT", S, upload()),
  "upload.start-timeout": (world) => world.call("PUT", S, upload()),
  "version.not-found": (world) => world.call("GET", `${S}/versions/${OTHER}`),
  "version.in-use": async (world) => world.call("DELETE", `A/workers/workers/hello/versions/${await newest(world)}`),
  "deployment.not-found": (world) => world.call("GET", `${S}/deployments/${OTHER}`),
  "deployment.active": async (world) => {
    const { result } = await world.call("GET", `${S}/deployments`);
    return world.call("DELETE", `${S}/deployments/${result.deployments[0].id}`);
  },
  "deployment.invalid": async (world) => deploy(world, [await newest(world), 90]),
  "deployment.unknown-version": (world) => deploy(world, [OTHER, 100]),
  "deployment.secrets-changed": async (world) => {
    await put(world, "A", "one");
    const before = await newest(world);
    await put(world, "A", "two");
    return deploy(world, [before, 100]);
  },
  "idempotency.malformed": (world) =>
    world.call("PUT", `${S}/secrets`, { json: { name: "A", text: "v" }, headers: { "idempotency-key": "a b" } }),
  "idempotency.reused": async (world) => {
    const headers = { "idempotency-key": "key" };
    await world.call("PUT", `${S}/secrets`, { json: { name: "A", text: "v" }, headers });
    return world.call("PUT", `${S}/secrets`, { json: { name: "A", text: "w" }, headers });
  },
  "idempotency.unsupported": (world) =>
    world.call("POST", "/corral/v1/tokens", { json: { name: "a", scopes: ["admin"] }, headers: { "idempotency-key": "k" } }),
};

const limited: Partial<Record<ErrorCode, Parameters<typeof openWorld>[0]>> = {
  "worker.too-many": { limits: { ...defaultLimits, workers: 1 } },
  "secret.bulk-too-many": { limits: { ...defaultLimits, bulk: 4 } },
  "binding.too-many": { limits: { ...defaultLimits, bindings: 4 } },
  "env.too-large": { limits: { ...defaultLimits, envBytes: 1000 } },
  "upload.too-large": { limits: { ...defaultLimits, uploadBytes: 1000 } },
  "upload.start-failed": refuses("upload.start-failed"),
  "upload.start-timeout": refuses("upload.start-timeout"),
};

/** No request makes them by itself: they come from the disk, the keys, other replicas, or a fault of ours. */
const faults: readonly ErrorCode[] = [
  "worker.conflict",
  "record.unopenable",
  "manifest.forged",
  "key.unopenable",
  "kek.missing",
  "kek.unusable",
  "kek.exposed",
  "kek.malformed",
  "kek.wrong",
  "storage.full",
  "storage.failed",
  "storage.corrupt",
  "storage.newer-schema",
  "data.locked",
  "internal",
];

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

test("every code has a request or a fault that reaches it, or stands in another one's chain", () => {
  const reached = new Set<string>([...Object.keys(requests), ...faults, "auth.malformed-authorization"]);
  expect(codes.filter((code) => !reached.has(code))).toEqual([]);
});

test.each(Object.keys(requests) as ErrorCode[])("%s is reached by a request", async (code) => {
  world = await openWorld(limited[code]);
  await world.call("PUT", S, upload());
  const answer = await requests[code]?.(world);
  const { status, cloudflareCode, message } = errorCatalogue[code];
  expect(answer).toMatchObject({ status, code: cloudflareCode });
  expect(answer?.message).toMatch(pattern(message));
});

test.each(faults)("the fault %s is told with its number and the request's id", async (code) => {
  world = await openWorld();
  const failures: ApiFailure[] = [];
  const app = createApi({
    ...parts(world),
    control: failing(world.control, new CorralError(code)),
    log: (one) => failures.push(one),
  });
  const answer = await call(app, "GET", `/client/v4/accounts/${world.accountId}/workers/scripts/x/secrets`, authorised(world));
  const { status, cloudflareCode, message } = errorCatalogue[code];
  expect(answer).toMatchObject({ status, code: cloudflareCode, message });
  expect(answer.body.errors[0].meta).toEqual({ request_id: answer.headers.get("cf-ray") });
  expect(failures.map((failure) => failure.errorCode)).toEqual(status === 503 ? [] : [code]);
});

test("a foreign error becomes internal; its message reaches neither the answer nor the log", async () => {
  world = await openWorld();
  const failures: ApiFailure[] = [];
  const foreign = Object.assign(new TypeError("Received type string ('cnry-secret')"), { code: "ERR_INVALID_ARG_TYPE" });
  const app = createApi({ ...parts(world), control: failing(world.control, foreign), log: (one) => failures.push(one) });
  const answer = await call(app, "GET", `/client/v4/accounts/${world.accountId}/workers/scripts/x/secrets`, authorised(world));
  expect(answer).toMatchObject({ status: 500, code: 10013, message: "An unknown error has occurred." });
  expect(failures).toMatchObject([{ operation: "secrets.list", errorName: "TypeError", errorCode: "ERR_INVALID_ARG_TYPE" }]);
  expect(failures[0]?.frames.length).toBeGreaterThan(0);
  expect(answer.text + JSON.stringify(failures)).not.toContain("cnry");
});

test("10057 comes once for each name that cannot be inherited", async () => {
  world = await openWorld();
  await world.call("PUT", S, upload());
  const answer = await world.call(
    "PUT",
    `${S}?bindings_inherit=strict`,
    bound({ type: "inherit", name: "A" }, { type: "inherit", name: "B" }),
  );
  expect(
    answer.body.errors.map((error: { message: string }) => /^inherit binding '(.+?)' is invalid/.exec(error.message)?.[1]),
  ).toEqual(["A", "B"]);
});

/** The catalogue's text with anything in its places. */
function pattern(message: string): RegExp {
  const pieces = message.split(/\{\w+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return message.includes("{script_name}") ? /^Script edit failed\./ : new RegExp(`^${pieces.join("[\\s\\S]+")}$`);
}

function parts(of: World) {
  return {
    control: of.control,
    clock: { now: () => 0, monotonic: () => 0 },
    random: { bytes: (length: number) => new Uint8Array(length) },
  };
}

function authorised(of: World) {
  return { authorization: `Bearer ${of.token}` };
}

function failing(control: Control, error: Error): Control {
  return { ...control, secrets: { ...control.secrets, list: () => Promise.reject(error) } };
}
