/** What a command declares: one object that parsing, help and completion all come from. */
import type { Cli } from "../cli.ts";
import type { ExitCode } from "../output/errors.ts";

interface FlagBase {
  readonly describe: string;
  /** One letter. */
  readonly short?: string;
  /** Other spellings that wrangler accepts. */
  readonly aliases?: readonly string[];
  /** Accepted for wrangler's sake, not shown. */
  readonly hidden?: boolean;
}
export interface BooleanFlag extends FlagBase {
  readonly kind: "boolean";
}
export interface TextFlag<C extends string = string> extends FlagBase {
  readonly kind: "text";
  readonly placeholder: string;
  readonly choices?: readonly C[];
}
export interface ListFlag extends FlagBase {
  readonly kind: "list";
  readonly placeholder: string;
}
export type Flag = BooleanFlag | TextFlag | ListFlag;
export type Flags = Readonly<Record<string, Flag>>;

export type FlagValue<F extends Flag> = F extends BooleanFlag
  ? boolean | undefined
  : F extends ListFlag
    ? readonly string[]
    : F extends TextFlag<infer C>
      ? C | undefined
      : never;
export type Values<F extends Flags> = { readonly [K in keyof F]: FlagValue<F[K]> };

export interface Positional {
  readonly name: string;
  readonly describe: string;
  readonly required?: boolean;
  /** Takes all that follow. */
  readonly many?: boolean;
}

export interface Example {
  readonly does: string;
  readonly line: string;
}

export interface Command<F extends Flags = Flags> {
  /** `secret put` */
  readonly words: string;
  /** One line, no full stop. */
  readonly summary: string;
  readonly details?: string;
  /** The shape of what --json prints; `live` is {live, ms} after waiting, absent where the server does not tell. */
  readonly document?: string;
  readonly positionals: readonly Positional[];
  readonly flags: F;
  readonly examples: readonly Example[];
  /** What one positional too many most likely is. */
  readonly surplus?: () => Error;
  run(args: Values<F>, positionals: readonly string[], cli: Cli): Promise<ExitCode | void>;
}

/** Keeps the flags' types. */
export function defineCommand<F extends Flags>(command: Command<F>): Command<F> {
  return command;
}

export function yesNo(describe: string, more: Omit<FlagBase, "describe"> = {}): BooleanFlag {
  return { kind: "boolean", describe, ...more };
}

export function text(placeholder: string, describe: string, more: Omit<FlagBase, "describe"> = {}): TextFlag {
  return { kind: "text", placeholder, describe, ...more };
}

export function choice<const C extends string>(
  choices: readonly C[],
  describe: string,
  more: Omit<FlagBase, "describe"> = {},
): TextFlag<C> {
  return { kind: "text", placeholder: choices.join("|"), choices, describe, ...more };
}

export function list(placeholder: string, describe: string, more: Omit<FlagBase, "describe"> = {}): ListFlag {
  return { kind: "list", placeholder, describe, ...more };
}
