import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { FakeCloudflare } from "../testing/fake-cloudflare.ts";
import { runCli, type RunOptions } from "../testing/run-cli.ts";

let fake: FakeCloudflare;

beforeAll(async () => {
  fake = await FakeCloudflare.start();
});
afterAll(async () => fake[Symbol.asyncDispose]());
beforeEach(() => {
  fake.workers.clear();
  fake.requests.length = 0;
  fake.mishaps.length = 0;
});

const corral = (line: string, options: RunOptions = {}) => runCli(`${line} --name w`.split(" "), { env: fake.env, ...options });
const envelope = (code: number, message: string) =>
  JSON.stringify({ success: false, result: null, errors: [{ code, message }], messages: [] });

test("a put whose answer was lost is sent again with the same idempotency key", async () => {
  const worker = fake.worker("w");
  fake.mishaps.push({ method: "PUT", path: /\/secrets$/, kind: "lost" });
  expect(await corral("secret put KEY", { stdin: "value-of-it" })).toMatchObject({ code: 0, slept: [expect.any(Number)] });
  const keys = fake.changes().map((one) => one.headers["idempotency-key"]);
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  expect(worker.secret("KEY")).toBe("value-of-it");
});

test("a delete whose answer was lost succeeds, although the second attempt finds nothing", async () => {
  fake.worker("w", { KEY: "1" });
  fake.mishaps.push({ method: "DELETE", path: /\/secrets\//, kind: "lost" });
  expect(await corral("secret delete KEY --yes")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("Deleted secret KEY") as unknown,
  });
});

test("a version is not uploaded twice when the server may have made it", async () => {
  const worker = fake.worker("w");
  fake.mishaps.push({ method: "POST", path: /\/deployments$/, kind: "lost" });
  const ended = await corral(`versions deploy ${worker.newest?.id} --yes`);
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(`error: No answer from ${fake.url}.`) as unknown });
  expect(worker.deployments).toHaveLength(2);
});

test("a busy server is asked again when it says to, and no sooner", async () => {
  fake.worker("w");
  fake.mishaps.push({
    method: "GET",
    path: /\/secrets$/,
    kind: { status: 503, body: envelope(10013, "busy"), headers: { "retry-after": "2" } },
  });
  expect(await corral("secret list")).toMatchObject({ code: 0, slept: [2000] });
});

test("nobody listens: the address is named, and what to do", async () => {
  const env = { ...fake.env, CLOUDFLARE_API_BASE_URL: "http://user:password@127.0.0.1:9/client/v4?token=t" };
  const ended = await corral("secret list", { env });
  expect(ended.code).toBe(1);
  expect(ended.stderr).toBe(
    "error: No answer from http://127.0.0.1:9/client/v4.\nhint: Start Corral (./corral up), or name another server with CLOUDFLARE_API_BASE_URL.\n",
  );
});

test("a refused token says so, with the scope if the server names one", async () => {
  fake.worker("w");
  const refused = await corral("secret list", { env: { ...fake.env, CLOUDFLARE_API_TOKEN: "another" } });
  expect(refused.stderr).toBe(
    "error: The API token was refused.\nhint: Check CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.\nrequest: 8f0000000000000a\n",
  );
  fake.mishaps.push({ method: "GET", path: /secrets$/, kind: { status: 403, body: envelope(10000, "needs secrets:list") } });
  expect((await corral("secret list")).stderr).toContain("hint: The token lacks the scope secrets:list.\n");
});

test("an answer that is none of the API is named as such, and not quoted", async () => {
  fake.worker("w");
  fake.mishaps.push({ method: "GET", path: /secrets$/, kind: { status: 200, body: "<html>canary</html>" } });
  const ended = await corral("secret list");
  expect(ended.stderr).toContain(`error: The answer from ${fake.url} is not one of Cloudflare's API (status 200).`);
  expect(ended.screen).not.toContain("canary");
});

test("an error that the server formats the value into is shown without it, also in part", async () => {
  fake.worker("w");
  const value = "canary-0123456789-canary";
  for (const text of [`bad value ${value}`, `near ${value.slice(4, 12)}…`]) {
    fake.mishaps.push({ method: "PUT", path: /secrets$/, kind: { status: 400, body: envelope(12345, text) } });
    // oxlint-disable-next-line no-await-in-loop -- one mishap at a time
    const ended = await corral("secret put KEY", { stdin: value });
    expect(ended.stderr).toContain("error: The server refused the request. [code 12345]\n");
  }
  fake.mishaps.push({ method: "PUT", path: /secrets$/, kind: { status: 400, body: envelope(12345, "quota \u001b[31mreached") } });
  expect((await corral("secret put KEY", { stdin: value })).stderr).toContain("error: quota  [31mreached [code 12345]\n");
});

test("without a name for a server, none is contacted", async () => {
  const ended = await corral("secret list", {
    env: { CORRAL_DATA: "/nonexistent", CLOUDFLARE_API_TOKEN: "t", CLOUDFLARE_ACCOUNT_ID: "a" },
  });
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("error: No Corral is running here") as unknown });
});

test("the account is the token's only one, where none is named", async () => {
  fake.worker("w", { KEY: "1" });
  const { CLOUDFLARE_ACCOUNT_ID: _, ...env } = fake.env;
  expect(await corral("secret list", { env })).toMatchObject({ code: 0, stdout: "Secret Name: KEY\n" });
});

test("sending a value to another machine without TLS is pointed out", async () => {
  const ended = await corral("secret list", { env: { ...fake.env, CLOUDFLARE_API_BASE_URL: "http://corral.invalid/client/v4" } });
  expect(ended.stderr).toContain("note: http://corral.invalid/client/v4 is reached without TLS");
});
