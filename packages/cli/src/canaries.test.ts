/** Canaries go in by every door of the command line; no output, argument, environment, temporary file or history shows one. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Canary, makeCanaries, type Place, sweep } from "@corral/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FakeCloudflare } from "./testing/fake-cloudflare.ts";
import { bundleProgram, type ProgramOptions, runProgram } from "./testing/program.ts";
import { emptyDirectory } from "./testing/run-cli.ts";
import { hasScript, openTerminal } from "./testing/terminal.ts";

let fake: FakeCloudflare;
let bundle: string;
const home = emptyDirectory({ ".bash_history": "" });
const printed: string[] = [];
const canaries: Canary[] = [];
/** Arguments and environments, read from /proc while the program waited for the server. */
const inProcess: Buffer[] = [];

beforeAll(async () => {
  fake = await FakeCloudflare.start();
  bundle = bundleProgram();
});
afterAll(async () => fake[Symbol.asyncDispose]());

interface Door {
  readonly name: string;
  readonly args: readonly string[];
  readonly options?: (canary: Canary) => Partial<ProgramOptions>;
  readonly files?: (canary: Canary) => Readonly<Record<string, string>>;
  /** The variable of --from-env is in the environment by its nature. */
  readonly inEnvironment?: boolean;
}

const json = (canary: Canary) => JSON.stringify({ [canary.name]: canary.value });
const single = (canary: Canary) => `${canary.name}='${canary.value.replaceAll("'", "")}'\n`;

const doors: readonly Door[] = [
  { name: "stdin", args: ["secret", "put", "K"], options: ({ value }) => ({ input: value }) },
  { name: "file", args: ["secret", "put", "K", "--from-file", "in"], files: ({ value }) => ({ in: value }) },
  { name: "descriptor", args: ["secret", "put", "K", "--fd", "3"], options: ({ value }) => ({ descriptor: value }) },
  {
    name: "variable",
    args: ["secret", "put", "K", "--from-env", "V"],
    options: ({ value }) => ({ env: { V: value } }),
    inEnvironment: true,
  },
  { name: "versions", args: ["versions", "secret", "put", "K", "--raw"], options: ({ value }) => ({ input: value }) },
  { name: "bulk JSON", args: ["secret", "bulk", "in.json"], files: (canary) => ({ "in.json": json(canary) }) },
  { name: "bulk .env", args: ["secret", "bulk", ".env.in"], files: (canary) => ({ ".env.in": single(canary) }) },
  { name: "bulk stdin", args: ["versions", "secret", "bulk"], options: (canary) => ({ input: json(canary) }) },
  { name: "broken JSON", args: ["secret", "bulk"], options: (canary) => ({ input: `${json(canary).slice(0, -1)} "x"` }) },
  { name: "broken .env", args: ["secret", "bulk", "--input-format", "env"], options: ({ value }) => ({ input: `A="${value}` }) },
  {
    name: "wrong types",
    args: ["secret", "bulk"],
    options: ({ value }) => ({ input: JSON.stringify({ A: [value], B: { c: value } }) }),
  },
  {
    name: "secrets file",
    args: ["deploy", "i.js", "--latest", "--secrets-file", "in.json"],
    files: (canary) => ({ "in.json": json(canary), "i.js": "export default {};" }),
  },
  { name: "refused by the server", args: ["secret", "put", "TAKEN"], options: ({ value }) => ({ input: value }) },
  {
    name: "event file",
    args: ["secret", "put", "K", "--json"],
    options: ({ value }) => ({ input: value, env: { CORRAL_OUTPUT_FILE: join(home, "events") } }),
  },
];

test.each(doors)("by $name", async ({ name, args, options, files, inEnvironment }) => {
  fake.worker("w");
  for (const canary of makeCanaries(name.toUpperCase().replaceAll(/\W/g, "_"))) {
    canaries.push(canary);
    const given = options?.(canary) ?? {};
    const env = { ...fake.env, HOME: home, TMPDIR: home, ...given.env };
    let pid = 0;
    fake.onRequest = () => {
      for (const file of inEnvironment === true ? ["cmdline"] : ["cmdline", "environ"])
        inProcess.push(readFileSync(`/proc/${pid}/${file}`));
    };
    const message = `the text was ${canary.value}`;
    const body = JSON.stringify({ success: false, result: null, errors: [{ code: 99999, message }], messages: [] });
    if (name.startsWith("refused")) fake.mishaps.push({ method: "PUT", path: /secrets$/, kind: { status: 400, body } });
    const cwd = emptyDirectory(files?.(canary) ?? {});
    // oxlint-disable-next-line no-await-in-loop -- one server, one Worker
    const ended = await runProgram(bundle, [...args, "--name", "w"], {
      ...given,
      cwd,
      env,
      onStart: (started) => (pid = started),
    });
    printed.push(ended.stdout, ended.stderr);
    expect([name, ended.code, /stumbled|\n\s+at /.test(ended.stderr)]).toEqual([
      name,
      /broken|wrong|refused/.test(name) ? 1 : 0,
      false,
    ]);
  }
});

test.skipIf(!hasScript)("by the prompt on a pseudo-terminal (needs util-linux script)", async () => {
  fake.onRequest = () => undefined;
  for (const canary of makeCanaries("PROMPT").filter(({ value }) => !value.includes("\n"))) {
    canaries.push(canary);
    const line = `'${process.execPath}' '${join(bundle, "bin", "corral.cjs")}' secret put K --name w`;
    const session = openTerminal(line, { cwd: emptyDirectory(), env: { ...fake.env, HOME: home, TMPDIR: home } });
    // oxlint-disable-next-line no-await-in-loop -- one terminal at a time
    await session.waitFor("Enter a secret value: ");
    session.type(`${canary.value}\r`);
    // oxlint-disable-next-line no-await-in-loop -- one terminal at a time
    expect(await session.ended).toBe(0);
    printed.push(session.screen());
  }
});

test("the sweep finds none, and finds one that is planted", () => {
  expect(canaries.length).toBeGreaterThan(90);
  expect(inProcess.length).toBeGreaterThan(100);
  const places: Place[] = [
    { directory: home },
    { what: "screens", text: printed.join("\n"), short: true },
    { what: "arguments and environments", text: Buffer.concat(inProcess) },
  ];
  expect(sweep(canaries, places)).toEqual([]);
  const [canary] = canaries;
  writeFileSync(join(home, "planted"), canary?.value ?? "");
  expect(sweep(canaries, places)).not.toEqual([]);
});
