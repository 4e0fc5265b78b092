/** examples/hello as the Worker `hello`, so that a first start has something to ask. Never over a Worker that is there. */
import { readFile } from "node:fs/promises";
import { isCorralError, type Random, Redacted } from "@corral/base";
import type { Caller, Control, Upload } from "@corral/control";

export const HELLO = "hello";
/** As examples/hello/wrangler.jsonc has it; a test compares. */
export const HELLO_COMPATIBILITY_DATE = "2026-11-01";
const SOURCE = new URL("../../../examples/hello/src/index.js", import.meta.url);

/** Resolves with the epoch to wait for, or undefined when `hello` was there already. */
export async function deployHello(control: Control, caller: Caller, random: Random): Promise<number | undefined> {
  if (await exists(control, caller)) return undefined;
  const worker = await control.workers.put(caller, HELLO, helloUpload(await readFile(SOURCE), random));
  return worker.head.epoch;
}

async function exists(control: Control, caller: Caller): Promise<boolean> {
  try {
    await control.workers.get(caller, HELLO);
    return true;
  } catch (error) {
    if (isCorralError(error, "worker.not-found")) return false;
    throw error;
  }
}

function helloUpload(source: Uint8Array, random: Random): Upload {
  const key = new Redacted(Buffer.from(random.bytes(32)).toString("base64url"));
  return {
    syntax: "module",
    mainModule: "index.js",
    modules: [{ name: "index.js", type: "esm", contentType: "application/javascript+module", bytes: source }],
    bindings: [{ type: "secret_text", name: "SIGNING_KEY", value: key }],
    keepBindings: undefined,
    strictInherit: false,
    compatibilityDate: HELLO_COMPATIBILITY_DATE,
    compatibilityFlags: [],
    usageModel: "standard",
    limits: null,
    placement: null,
    message: "The example of the first start",
    tag: null,
    alias: null,
    settings: {},
  };
}
