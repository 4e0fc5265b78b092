import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeCanaries } from "./canaries.ts";
import { temporaryDirectory } from "./paths.ts";
import { sweep } from "./sweep.ts";

const canaries = makeCanaries();

describe.each(canaries)("a leak of $name", (canary) => {
  const core = canary.cores[0] ?? "";

  test.each([
    ["as it is", canary.value],
    ["by a window of 8 bytes", core.slice(0, 8)],
    ["in JSON", JSON.stringify({ text: canary.value })],
    ["in a form", new URLSearchParams({ value: canary.value }).toString()],
    ["in base64", Buffer.from(`x${canary.value}y`).toString("base64")],
    ["in base64url", Buffer.from(`xy${canary.value}y`).toString("base64url")],
    ["in hex", Buffer.from(canary.value).toString("hex")],
    ["reversed", Buffer.from(canary.value).toReversed()],
  ])("is found %s", (_form, text) => {
    const findings = sweep(canaries, [{ what: "a text", text: Buffer.concat([Buffer.from("before "), Buffer.from(text)]) }]);
    expect(findings.map((finding) => finding.canary)).toContain(canary.name);
    expect(JSON.stringify(findings)).not.toContain(core.slice(0, 6));
  });

  test("is found by a window of 6 bytes in a short text only", () => {
    const text = `unexpected token ${Buffer.from(core).subarray(1, 7).toString("latin1")}`;
    expect(sweep([canary], [{ what: "a text", text: Buffer.from(text, "latin1") }])).toEqual([]);
    expect(sweep([canary], [{ what: "a text", text: Buffer.from(text, "latin1"), short: true }])).toHaveLength(1);
  });
});

test("nothing is found where nothing leaked", () => {
  expect(
    sweep(canaries, [
      {
        what: "other canaries",
        text: makeCanaries()
          .map(({ value }) => value)
          .join("\n"),
      },
    ]),
  ).toEqual([]);
});

test("files, file names, arguments and environments are searched", async () => {
  const [plain] = canaries;
  const value = plain?.value ?? "";
  const directory = temporaryDirectory("sweep");
  writeFileSync(join(directory, "file"), `x${value}`);
  writeFileSync(join(directory, value), "");
  const child = spawn("/bin/sh", ["-c", "read line; : $1", "sh", value], {
    env: { TOKEN: value },
    stdio: ["pipe", "ignore", "ignore"],
  });
  await once(child, "spawn");
  const places = sweep(canaries, [{ directory }, { pid: child.pid ?? 0 }]).map(({ place }) => place.split(" ")[0]);
  expect(new Set(places)).toEqual(new Set([`${directory}/file`, "the", "cmdline", "environ"]));
  child.stdin?.end();
  await once(child, "exit");
  rmSync(directory, { recursive: true });
});
