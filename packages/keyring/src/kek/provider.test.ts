import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCorralError, systemRandom } from "@corral/base";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KekProvider } from "../types.ts";
import type { KeyFileDisk } from "./file/disk.ts";
import { createKeyFile, openFileKek } from "./file/provider.ts";
import { createMemoryKek } from "./memory/provider.ts";

const random = systemRandom;
const hasStrace = spawnSync("strace", ["true"]).status === 0;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "corral-kek-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "no error";
  } catch (error) {
    return isCorralError(error) ? error.code : "another error";
  }
}

let files = 0;
async function newKeyFile(): Promise<string> {
  files += 1;
  const path = join(folder, `kek-${files}`);
  expect(await createKeyFile(path, { random })).toBe("created");
  return path;
}
const openNewFile = async (): Promise<KekProvider> => openFileKek(await newKeyFile(), { random });

const providers: readonly [string, () => Promise<KekProvider>][] = [
  ["memory", async () => createMemoryKek(random)],
  ["file", openNewFile],
];

describe.each(providers)("a KEK in a %s", (kind, open) => {
  const ctx = { product: "corral", slot: "1" };
  const plain = random.bytes(32);

  test("unwraps what it wrapped, under the same context only", async () => {
    const kek = await open();
    const wrapped = await kek.wrap(plain, ctx);
    expect(Buffer.from(await kek.unwrap(wrapped, { slot: "1", product: "corral" })).equals(plain)).toBe(true);
    for (const other of [{ ...ctx, slot: "2" }, { product: "corral" }, { ...ctx, more: "" }]) {
      expect(await codeOf(() => kek.unwrap(wrapped, other))).toBe("kek.wrong");
    }
  });

  test("does not unwrap what another one wrapped", async () => {
    const [kek, other] = [await open(), await open()];
    const wrapped = await kek.wrap(plain, ctx);
    expect(await codeOf(() => other.unwrap(wrapped, ctx))).toBe("kek.wrong");
    expect(await kek.keyId()).not.toBe(await other.keyId());
  });

  test("says what kind it is, and an id that does not change", async () => {
    const kek = await open();
    expect(kek.kind).toBe(kind);
    expect(await kek.keyId()).toMatch(/^[0-9a-f]{16}$/);
    expect(await kek.keyId()).toBe(await kek.keyId());
  });
});

describe("the key file", () => {
  test("is made with mode 0600, holds one line, and opens as the same key each time", async () => {
    const path = await newKeyFile();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, "utf8")).toMatch(/^CORRAL-KEK-1-[0-9a-f]{64}-[0-9a-f]{8}\n$/);
    const [a, b] = [await openFileKek(path, { random }), await openFileKek(path, { random })];
    expect(await a.keyId()).toBe(await b.keyId());
    const wrapped = await a.wrap(Buffer.from("x"), {});
    expect(Buffer.from(await b.unwrap(wrapped, {})).toString()).toBe("x");
  });

  test("is never overwritten, and making it leaves nothing else behind", async () => {
    const path = await newKeyFile();
    const before = await readFile(path);
    expect(await createKeyFile(path, { random })).toBe("exists");
    expect(await readFile(path)).toEqual(before);
    expect((await readdir(folder)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("is not made where something else lies, nor where it cannot be", async () => {
    expect(await createKeyFile(folder, { random })).toBe("exists");
    expect(await codeOf(() => createKeyFile(join(folder, "absent", "kek"), { random }))).toBe("kek.unusable");
  });

  test("of two made at once, one wins and both see it", async () => {
    const path = join(folder, "raced");
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => createKeyFile(path, { random })));
    expect(outcomes.toSorted()).toEqual(["created", ...Array.from({ length: 7 }, () => "exists")]);
    await openFileKek(path, { random });
  });

  test("that is missing is kek.missing, and stays missing", async () => {
    const path = join(folder, "nowhere");
    expect(await codeOf(() => openFileKek(path, { random }))).toBe("kek.missing");
    expect(await codeOf(() => openFileKek(join(path, "below"), { random }))).toBe("kek.missing");
    expect(await codeOf(() => stat(path))).toBe("another error");
  });

  test.each([0o640, 0o604, 0o660, 0o601, 0o644])("with mode %o is kek.exposed", async (mode) => {
    const path = await newKeyFile();
    await chmod(path, mode);
    expect(await codeOf(() => openFileKek(path, { random }))).toBe("kek.exposed");
  });

  test("with mode 0400 opens", async () => {
    const path = await newKeyFile();
    await chmod(path, 0o400);
    expect(await codeOf(() => openFileKek(path, { random }))).toBe("no error");
  });

  test("may be reached through a link; the mode that counts is the file's", async () => {
    const path = await newKeyFile();
    await symlink(path, `${path}-link`);
    await openFileKek(`${path}-link`, { random });
    await chmod(path, 0o644);
    expect(await codeOf(() => openFileKek(`${path}-link`, { random }))).toBe("kek.exposed");
  });

  test.each<[string, (text: string) => string | Uint8Array]>([
    ["empty", () => ""],
    ["cut", (text) => text.slice(0, -5)],
    ["longer", (text) => `${text}more`],
    ["with one digit changed", (text) => text.replace(/-1-(.)/, (_all, digit: string) => `-1-${digit === "0" ? "1" : "0"}`)],
    ["binary", () => random.bytes(32)],
    ["of a later format", (text) => text.replace("KEK-1", "KEK-2")],
    ["in capitals", (text) => text.toUpperCase()],
  ])("that is %s is kek.malformed", async (_name, change) => {
    const path = await newKeyFile();
    await writeFile(path, change(await readFile(path, "utf8")));
    expect(await codeOf(() => openFileKek(path, { random }))).toBe("kek.malformed");
  });

  test("may have lost its line end or have a Windows one", async () => {
    const path = await newKeyFile();
    const line = (await readFile(path, "utf8")).trimEnd();
    for (const text of [line, `${line}\r\n`]) {
      await writeFile(path, text);
      expect(await codeOf(() => openFileKek(path, { random }))).toBe("no error");
    }
  });

  test("that is a directory or a pipe is kek.malformed, without waiting for a writer", async () => {
    const directory = join(folder, "directory");
    await mkdir(directory, { mode: 0o700 });
    expect(await codeOf(() => openFileKek(directory, { random }))).toBe("kek.malformed");
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", ["-m", "600", pipe]);
    expect(await codeOf(() => openFileKek(pipe, { random }))).toBe("kek.malformed");
  });

  test("whose disk fails is kek.unusable, and no error text holds the key", async () => {
    const path = await newKeyFile();
    const line = await readFile(path, "utf8");
    const failing: KeyFileDisk = {
      read: () => Promise.reject(Object.assign(new Error(line), { code: "EIO" })),
      create: (_path, bytes) => Promise.reject(Object.assign(new Error(Buffer.from(bytes).toString()), { code: "ENOSPC" })),
    };
    const failures = await Promise.allSettled([
      openFileKek(path, { random, disk: failing }),
      createKeyFile(path, { random, disk: failing }),
    ]);
    for (const failure of failures) {
      expect(failure).toMatchObject({ status: "rejected", reason: { code: "kek.unusable" } });
      expect(String((failure as PromiseRejectedResult).reason)).not.toContain(line.slice(13, 19));
    }
  });

  test.skipIf(!hasStrace)(
    "is synced, linked and its directory synced, in this order, before it is said to be made (needs strace)",
    () => {
      const [path, log] = [join(folder, "synced"), join(folder, "strace.log")];
      const calls = "trace=fsync,fdatasync,link,linkat,rename,renameat,renameat2,write";
      execFileSync("strace", ["-f", "-y", "-e", calls, "-o", log, process.execPath, "-e", createScript(path)]);
      const steps = readFileSync(log, "utf8")
        .split("\n")
        .flatMap((line) => {
          if (line.includes("resumed")) return [];
          if (/(fsync|fdatasync)\(\d+<[^>]*\/\.synced\./.test(line)) return ["file synced"];
          if (/link(at)?\(.*\.synced\./.test(line)) return ["linked"];
          if (line.includes(`fsync(`) && line.includes(`<${folder}>`)) return ["directory synced"];
          return line.includes('"created') ? ["said"] : [];
        });
      expect(steps).toEqual(["file synced", "linked", "directory synced", "said"]);
    },
  );
});

function createScript(path: string): string {
  return `import(${JSON.stringify(join(import.meta.dirname, "file/provider.ts"))}).then(async (m) => {
    const random = { bytes: (n) => crypto.getRandomValues(new Uint8Array(n)) };
    require("node:fs").writeSync(1, await m.createKeyFile(${JSON.stringify(path)}, { random }));
  })`;
}
