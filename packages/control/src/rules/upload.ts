/** What can be said of an upload's code before anything is read. */
import { CorralError, err, ok, ownWord, type Result } from "@corral/base";
import type { Limits } from "../limits.ts";
import type { Upload } from "../types.ts";

export type Code = Pick<Upload, "syntax" | "mainModule" | "modules">;

const MODULE_NAME_LENGTH = 512;
// oxlint-disable-next-line no-control-regex -- control characters are what is refused
const UNPRINTABLE = /[\u0000-\u001f\u007f]/;

function invalid(problem: string): { readonly ok: false; readonly error: CorralError } {
  return err(new CorralError("upload.invalid", { params: { problem: ownWord(problem) } }));
}

export function checkCode(code: Code, limits: Pick<Limits, "uploadBytes">): Result<undefined, CorralError> {
  const names = new Set<string>();
  let bytes = 0;
  for (const module of code.modules) {
    if (!isModuleName(module.name)) return invalid("a module's name is not 1 to 512 printable characters");
    if (names.has(module.name)) return invalid("two modules have the same name");
    names.add(module.name);
    bytes += module.bytes.length;
  }
  if (bytes > limits.uploadBytes) return err(new CorralError("upload.too-large", { params: { limit: limits.uploadBytes } }));
  const main = code.modules.find(({ name }) => name === code.mainModule);
  if (main === undefined) return err(new CorralError("upload.main-module-missing"));
  if (code.syntax === "service-worker" && main.type === "esm") return invalid("a service worker's script is an ES module");
  return ok(undefined);
}

function isModuleName(name: string): boolean {
  return name.length > 0 && name.length <= MODULE_NAME_LENGTH && name.isWellFormed() && !UNPRINTABLE.test(name);
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const FLAG = /^[a-z0-9_-]{1,100}$/;
const MAX_FLAGS = 100;

/** "" is no date (other-clients.md 6.10). Whether workerd knows the date and the flags, the trial start says. */
export function checkCompatibility(
  date: string | null | undefined,
  flags: readonly string[] | undefined,
): Result<undefined, CorralError> {
  const isDate = date === undefined || date === null || date === "" || (DATE.test(date) && !Number.isNaN(Date.parse(date)));
  if (!isDate) return invalid("the compatibility date is not of the form YYYY-MM-DD");
  if (flags !== undefined && (flags.length > MAX_FLAGS || !flags.every((flag) => FLAG.test(flag)))) {
    return invalid("a compatibility flag is not a flag's name");
  }
  return ok(undefined);
}
