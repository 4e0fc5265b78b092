/** Which Worker and which version answers a request. */
import { fitsShares, type RunningCorral, startCorral } from "@corral/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, override, probe, see } from "./support/probe.ts";
import { deployShares, putWorker, uploadVersion } from "./support/wire.ts";

const NAME = "routed";
let corral: RunningCorral;
let old = "";
let next = "";

beforeAll(async () => {
  corral = await startCorral();
  old = await putWorker(corral, NAME, {}, probe("old"));
  next = await uploadVersion(corral, NAME, {}, probe("next"));
  await eventually(
    () => see(corral, NAME),
    ({ code }) => code === "old",
  );
});

afterAll(async () => {
  await corral?.[Symbol.asyncDispose]();
});

const codeFor = async (headers: Readonly<Record<string, string>>, host = NAME): Promise<string> =>
  (await see(corral, host, headers)).code;
const withKey = (key: string): Record<string, string> => ({ "Cloudflare-Workers-Version-Key": key });
const keys = Array.from({ length: 400 }, (_, index) => `user-${index}`);

async function keysOnNext(): Promise<Set<string>> {
  const codes = await Promise.all(keys.map((key) => codeFor(withKey(key))));
  return new Set(keys.filter((_, index) => codes[index] === "next"));
}

async function share(percentage: number): Promise<void> {
  await deployShares(corral, NAME, percentage === 100 ? { [next]: 100 } : { [next]: percentage, [old]: 100 - percentage });
}

describe("the override header", () => {
  test("reaches a version at 0 %, and only one that is in the deployment", async () => {
    expect(await codeFor(override(NAME, next))).toBe("old");
    await share(0);
    await eventually(
      () => codeFor(override(NAME, next)),
      (code) => code === "next",
    );
    for (let round = 0; round < 50; round += 1) expect(await codeFor({})).toBe("old");
  });

  test.each([
    ["of another Worker", override("other", "00000000-0000-4000-8000-000000000000")],
    ["with an unknown version", override(NAME, "00000000-0000-4000-8000-000000000000")],
    ["without quotes", { "Cloudflare-Workers-Version-Overrides": `${NAME}=${"x".repeat(36)}` }],
    ["of bad syntax", { "Cloudflare-Workers-Version-Overrides": `${NAME}="unfinished` }],
    ["of many kilobytes", { "Cloudflare-Workers-Version-Overrides": `a="${"b".repeat(6000)}"` }],
  ])("%s is ignored", async (_what, headers) => {
    expect(await codeFor(headers)).toBe("old");
  });

  test("among overrides of other Workers is found", async () => {
    const value = `other="x", ${NAME}="${next}", third="y"`;
    expect(await codeFor({ "Cloudflare-Workers-Version-Overrides": value })).toBe("next");
  });
});

describe("the affinity key", () => {
  test("keeps its version while a rollout only grows, and splits as the shares say", async () => {
    await share(20);
    await eventually(
      async () => (await keysOnNext()).size,
      (size) => size > 0,
    );
    const atTwenty = await keysOnNext();
    expect(fitsShares([atTwenty.size, keys.length - atTwenty.size], [0.2, 0.8])).toBe(true);
    expect(await keysOnNext()).toEqual(atTwenty);

    await share(50);
    const atFifty = await eventually(keysOnNext, (now) => now.size > atTwenty.size);
    expect(fitsShares([atFifty.size, keys.length - atFifty.size], [0.5, 0.5])).toBe(true);
    expect([...atTwenty].filter((key) => !atFifty.has(key))).toEqual([]);

    await share(100);
    await eventually(keysOnNext, (now) => now.size === keys.length);
  });
});

describe("hostnames", () => {
  test("a Worker answers on localhost and below the installation's own workers.dev label, whatever the port and case", async () => {
    const { subdomain } = await corral.must<{ subdomain: string }>("GET", "/workers/subdomain");
    expect(subdomain).toMatch(/^corral-[0-9a-f]{8}$/);
    for (const host of [
      `${NAME}.localhost`,
      `${NAME}.localhost:7788`,
      `${NAME.toUpperCase()}.LocalHost`,
      `${NAME}.${subdomain}.workers.dev`,
    ]) {
      expect(await codeFor({}, host), host).toBe("next");
    }
  });

  test.each([
    "nobody.localhost",
    "routed.example.com",
    "localhost.",
    "routed.other.workers.dev",
    "x.routed.localhost",
    "127.0.0.1",
  ])("%s is a plain 404", async (host) => {
    const answer = await corral.ask(host);
    expect(answer.status).toBe(404);
    expect(answer.text).not.toMatch(/workerd|at .*\.ts/);
  });

  test("a Worker that is taken off its hostname answers no more, and again when it is put back", async () => {
    await corral.must("POST", `/workers/scripts/${NAME}/subdomain`, { enabled: false });
    await eventually(
      () => corral.ask(NAME),
      ({ status }) => status === 404,
    );
    await corral.must("POST", `/workers/scripts/${NAME}/subdomain`, { enabled: true });
    await eventually(
      () => corral.ask(NAME),
      ({ status }) => status === 200,
    );
    expect((await corral.ask(NAME)).status).toBe(200);
  });

  test("an exact Worker name wins over a preview name", async () => {
    const name = `${old.slice(0, 8)}-${NAME}`;
    expect(await codeFor({}, name)).toBe("old");
    await putWorker(corral, name, {}, probe("exact"));
    await eventually(
      () => codeFor({}, name),
      (code) => code === "exact",
    );
    expect(await codeFor({}, name)).toBe("exact");
  });
});

describe("what passes through", () => {
  test("method, path, query, headers, body and status arrive untouched both ways", async () => {
    const code = `export default { async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const body = JSON.stringify({ method: request.method, pathname, search, mine: request.headers.get("x-mine"), body: await request.text() });
      return new Response(body, { status: 418, headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-back", "yes"]] });
    } };`;
    await putWorker(corral, "echo", {}, code);
    await eventually(
      () => corral.ask("echo"),
      ({ status }) => status === 418,
    );
    const answer = await corral.send(new URL("/a%20b//c?q=%F0&q=2", corral.workersUrl).href, {
      method: "PATCH",
      headers: { host: "echo.localhost", "x-mine": "header" },
      body: "some body",
    });
    expect(answer.status).toBe(418);
    expect(JSON.parse(answer.text)).toEqual({
      method: "PATCH",
      pathname: "/a%20b//c",
      search: "?q=%F0&q=2",
      mine: "header",
      body: "some body",
    });
    expect(answer.headers).toMatchObject({ "set-cookie": ["a=1", "b=2"], "x-back": "yes" });
  });

  test("a Worker's exception is a 500 of Corral's own, without a word of it", async () => {
    await putWorker(corral, "throws", {}, `export default { fetch() { throw new Error("private matters"); } };`);
    const answer = await eventually(
      () => corral.ask("throws"),
      ({ status }) => status === 500,
    );
    expect(answer.text).not.toContain("private matters");
    await eventually(
      () => Promise.resolve(corral.logs()),
      (logs) => logs.includes("private matters"),
    );
  });

  test("console.log is visible in the output of ./corral up", async () => {
    await putWorker(
      corral,
      "says",
      {},
      `export default { fetch() { console.log("seen", { by: "everybody" }); return new Response("ok"); } };`,
    );
    await eventually(
      () => corral.ask("says"),
      ({ status }) => status === 200,
    );
    const logs = await eventually(
      () => Promise.resolve(corral.logs()),
      (text) => text.includes("everybody"),
    );
    expect(logs).toMatch(/says.*seen.*by.*everybody/);
  });
});
