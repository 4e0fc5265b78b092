/** Names of secrets. A refused one is not repeated: it may be the value, typed in the wrong place. */
import { yesNo } from "../args/flags.ts";
import { Failure, usage } from "../output/errors.ts";

export const anyNameFlag = { "any-name": yesNo("accept a name that is no identifier") };

/** What `env.NAME` can reach. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][A-Za-z0-9_$]{0,254}$/.test(name) && name !== "__proto__";
}

/** What the wire takes at all: 1 to 255 printable characters. */
export function isStorable(name: string): boolean {
  return /^[^\p{C}\p{Zl}\p{Zp}]{1,255}$/u.test(name) && name !== "__proto__" && name.trim() !== "";
}

export const NAME_RULE = "a name has letters, digits, _ and $, and no digit first";

/** Throws Failure (2) for a name that a Worker could not write as `env.NAME`. */
export function checkNewName(name: string, any: boolean | undefined): void {
  if (any === true ? isStorable(name) : isIdentifier(name)) return;
  if (name.includes("=") && isIdentifier(name.split("=", 1)[0] ?? "")) throw pairOnCommandLine();
  throw usage(`The name of the secret cannot be used: ${NAME_RULE}.`, 'If the name is meant, and read as env["…"]: --any-name');
}

/** The name of something that is there already: whatever could once be stored. */
export function checkOldName(name: string): void {
  if (!isStorable(name)) throw usage("This cannot be the name of a secret: it has 1 to 255 printable characters.");
}

function pairOnCommandLine(): Failure {
  return usage(
    "A secret value does not belong on the command line: it would stay in the shell history and in the process list.",
    "Give the name alone; the value is asked for, or read from stdin, --from-file or --from-env",
    "If it was a real value, rotate it, and clear the history (bash: history -d, zsh: fc -p, fish: history delete)",
  );
}
