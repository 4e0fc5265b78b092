/** The faults of stock wrangler that hurt its users, each by its number in the research: what it does, and what we do. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readdirSync } from "node:fs";
import { FakeCloudflare } from "./testing/fake-cloudflare.ts";
import { emptyDirectory, runCli, type RunOptions } from "./testing/run-cli.ts";

const W = "my-worker";
let fake: FakeCloudflare;
let cwd: string;

beforeAll(async () => {
  fake = await FakeCloudflare.start();
});
afterAll(async () => fake[Symbol.asyncDispose]());
beforeEach(() => {
  fake.workers.clear();
  fake.requests.length = 0;
  cwd = emptyDirectory({ "wrangler.toml": `name = "${W}"\n` });
});

const corral = (line: string, options: RunOptions = {}) => runCli(line.split(" "), { cwd, env: fake.env, ...options });

test("1: stock trims all white space at the end in silence; we take one line end off and say so", async () => {
  const worker = fake.worker(W);
  const pem = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n";
  const ended = await corral("secret put KEY", { stdin: `${pem}  \n` });
  expect(worker.secret("KEY")).toBe(`${pem}  `);
  expect(ended.stderr).toContain("; removed one line end at the end");
  await corral("secret put KEY --raw", { stdin: pem });
  expect(worker.secret("KEY")).toBe(pem);
});

test("2: stock keeps a byte order mark and the NULs of UTF-16 in the value; we decode both and say so", async () => {
  const worker = fake.worker(W);
  const ended = await corral("secret put KEY", { stdin: "\uFEFFmarked-value" });
  expect(worker.secret("KEY")).toBe("marked-value");
  expect(ended.stderr).toContain("; removed a byte order mark");
  const utf16 = await corral("secret put KEY", { stdin: Buffer.from("\uFEFFpowershell-value\r\n", "utf16le") });
  expect(worker.secret("KEY")).toBe("powershell-value");
  expect(utf16.stderr).toContain("; removed a byte order mark; decoded UTF-16");
  const nul = await corral("secret put KEY", { stdin: "canary\0canary" });
  expect(nul).toMatchObject({ code: 1, stderr: expect.stringContaining("contains a NUL character") as unknown });
});

test("3: stock breaks a character that lies across two chunks of stdin; we decode the whole", async () => {
  const worker = fake.worker(W);
  const value = `${"a".repeat(9)}ü€𝄞${"z".repeat(9)}`;
  const bytes = Buffer.from(value);
  for (let cut = 1; cut < bytes.length; cut += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one server, one Worker
    await corral("secret put KEY", { stdin: [bytes.subarray(0, cut), bytes.subarray(cut)] });
    expect(worker.secret("KEY")).toBe(value);
  }
});

test("4: stock reads broken JSON as .env and makes secrets 0, 1, … of an array; we refuse both, with the place", async () => {
  fake.worker(W);
  const broken = await corral("secret bulk", { stdin: '{\n"A": "canary-value",\n"B" "canary-value"\n}' });
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain('error: The contents of standard input is not valid JSON.\n  standard input:3:5  expected ":"');
  const list = await corral("secret bulk", { stdin: '["canary-value"]' });
  expect(list.code).toBe(1);
  expect(list.stderr).toContain("standard input:1:1  expected an object of names and values, got a list");
  expect(broken.screen + list.screen).not.toContain("canary");
  expect(fake.requests).toEqual([]);
});

test("5: stock exits 0 when stdin holds nothing usable; we exit 1", async () => {
  fake.worker(W);
  for (const stdin of ["", "  \n", "{}", "# only a comment\n"]) {
    // oxlint-disable-next-line no-await-in-loop -- few, and in order
    const ended = await corral("secret bulk", { stdin });
    expect(ended).toMatchObject({ code: 1, stderr: "error: No content found in standard input.\n" });
  }
  expect(fake.requests).toEqual([]);
});

test("6: stock drops null from versions secret bulk and --secrets-file; with us null deletes in both", async () => {
  const worker = fake.worker(W, { OLD: "1", STAYS: "2" });
  await corral("versions secret bulk", { stdin: '{"OLD": null, "NEW": "new-value"}' });
  expect([...(worker.newest?.bindings.keys() ?? [])].toSorted()).toEqual(["NEW", "STAYS"]);
  cwd = emptyDirectory({
    "wrangler.toml": `name = "${W}"\nmain = "index.js"\ncompatibility_date = "2026-01-01"\n`,
    "index.js": "export default {};",
    "secrets.json": '{"NEW": null, "NEWER": "newer-value"}',
  });
  const ended = await corral("deploy --secrets-file secrets.json");
  expect(ended.code).toBe(0);
  expect([...(worker.newest?.bindings.keys() ?? [])].toSorted()).toEqual(["NEWER", "STAYS"]);
  expect(worker.secret("STAYS")).toBe("2");
});

async function twoVersions() {
  const worker = fake.worker(W, { API_KEY: "old-value" });
  const first = worker.newest?.id ?? "";
  await corral("secret put API_KEY", { stdin: "new-value" });
  return { worker, first, second: worker.newest?.id ?? "" };
}

test("7: stock prints success after a declined rollback; we say that nothing changed, and exit 3", async () => {
  const { worker, second } = await twoVersions();
  const ended = await corral("rollback", { typed: ["y\n", "3\n"] });
  expect(ended.code).toBe(3);
  expect(ended.screen).toContain(
    "The following secrets differ from what is live:\n  API_KEY  changed\n? Roll back code and secrets (old secrets)? \n",
  );
  expect(ended.screen.endsWith("Nothing was changed.\n")).toBe(true);
  expect(ended.screen).not.toContain("✨");
  expect(worker.deployments[0]?.versions).toEqual([{ version_id: second, percentage: 100 }]);
  const first = await corral("rollback", { typed: ["n\n"] });
  expect(first).toMatchObject({ code: 3, screen: expect.stringMatching(/Nothing was changed\.\n$/) as unknown });
});

test("8: stock cuts changed names out of a sentence at commas; we know the names", async () => {
  const worker = fake.worker(W, { "A, B": "1", PLAIN: "2" });
  await corral("secret put PLAIN", { stdin: "other-value" });
  const odd = worker.newest?.bindings ?? new Map();
  const third = worker.version(new Map([...odd, ["A, B", { name: "A, B", type: "secret_text", text: "3" }]]));
  worker.deploy([{ version_id: third.id, percentage: 100 }]);
  const first = worker.versions.at(-1)?.id ?? "";
  const ended = await corral(`rollback ${first}`);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain("The following secrets differ from what is live:\n  A, B   changed\n  PLAIN  changed\n");
});

test("9: stock stores a name that no Worker can write; we refuse it, unless it is meant", async () => {
  const worker = fake.worker(W);
  for (const name of ["my key", "a.b", "1st", "with-dash", "__proto__", ""]) {
    // oxlint-disable-next-line no-await-in-loop -- few, and in order
    const ended = await runCli(["secret", "put", name], { cwd, env: fake.env, stdin: "value-of-it" });
    expect(ended.code).toBe(2);
  }
  expect(fake.requests).toEqual([]);
  const ended = await runCli(["secret", "put", "a.b", "--any-name"], { cwd, env: fake.env, stdin: "value-of-it" });
  expect(ended.code).toBe(0);
  expect(worker.secret("a.b")).toBe("value-of-it");
});

test("10: stock leaves a new Worker behind when the upload then fails; we remove it again", async () => {
  fake.mishaps.push(
    { method: "PUT", path: /\/secrets$/, kind: { status: 404, body: failed(10007, "absent") } },
    { method: "PUT", path: /\/secrets$/, kind: { status: 400, body: failed(10054, "The value is too large.") } },
  );
  const ended = await corral("secret put KEY --create", { stdin: "value-of-it" });
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain(`note: The new Worker "${W}" was removed again.\n`);
  expect(fake.workers.size).toBe(0);
});

function failed(code: number, message: string): string {
  return `{"success":false,"result":null,"errors":[{"code":${code},"message":"${message}"}],"messages":[]}`;
}

test("11: stock dies at its prompt on a terminal with CI=1; we ask", async () => {
  const worker = fake.worker(W);
  const ended = await corral("secret put KEY", { env: { ...fake.env, CI: "1" }, typed: ["asked-in-ci\r"] });
  expect(ended.code).toBe(0);
  expect(worker.secret("KEY")).toBe("asked-in-ci");
});

test("12: stock answers yes to everything in CI; we need --yes, --create, --secrets, and change nothing without", async () => {
  const env = { ...fake.env, CI: "1" };
  const ended = [
    await corral("secret put KEY", { env, stdin: "value-of-it" }),
    await corral("secret bulk", { env, stdin: "K=value" }),
  ];
  expect(ended.map((one) => one.code)).toEqual([1, 1]);
  expect(fake.workers.size).toBe(0);
  await twoVersions();
  fake.requests.length = 0;
  expect(await corral("secret delete API_KEY", { env })).toMatchObject({ code: 2 });
  expect(await corral("versions secret delete API_KEY", { env })).toMatchObject({ code: 2 });
  expect(await corral("delete", { env })).toMatchObject({ code: 2 });
  expect(await corral("rollback", { env })).toMatchObject({ code: 2 });
  const deployed = fake.workers.get(W)?.deployments.length;
  expect(deployed).toBe(2);
  expect(fake.changes().map((one) => one.method)).toEqual(["POST"]);
});

test("13: stock keeps its login in plain text in the home directory; we keep nothing there", async () => {
  fake.worker(W);
  const home = emptyDirectory();
  const env = { ...fake.env, HOME: home, XDG_CONFIG_HOME: home, TMPDIR: home };
  await corral("whoami", { env });
  await corral("secret put KEY", { env, stdin: "value-of-it" });
  expect(readdirSync(home)).toEqual([]);
});
