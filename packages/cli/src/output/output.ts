/**
 * Where words go. Results to stdout; notes, hints, questions and errors to stderr. With --json stdout carries one JSON
 * document and nothing else. Emoji stay when piped, as in wrangler; colour does not.
 */
import { appendFileSync } from "node:fs";
import { Refusal } from "../client/refusal.ts";
import type { Io } from "../io/io.ts";
import { Declined, exitCodes, Failure, Interrupted } from "./errors.ts";
import type { ExitCode } from "./errors.ts";

/** What a document for programs may hold: never a value of a secret. */
export type JsonOut = string | number | boolean | null | undefined | readonly JsonOut[] | { readonly [key: string]: JsonOut };

export class Output {
  readonly #io: Io;
  json = false;
  /** The command's words, for the event file; never its arguments. */
  command = "";

  constructor(io: Io) {
    this.#io = io;
  }

  /** A line for people on stdout. */
  line(text = ""): void {
    if (!this.json) this.#io.writeOut(`${text}\n`);
  }

  /** The document for programs; only printed with --json. */
  document(value: JsonOut): void {
    if (this.json) this.always(value);
  }

  /** The document for programs, asked for by other means than --json (`--format json`). */
  always(value: JsonOut): void {
    this.#io.writeOut(`${JSON.stringify(value, undefined, 2)}\n`);
  }

  /** stdout exactly as given: a script, types, exports. */
  verbatim(text: string): void {
    this.#io.writeOut(text);
  }

  note(text: string): void {
    this.#io.writeErr(`${this.#paint("note:", "2")} ${text}\n`);
  }

  /** A statement on stderr without a prefix. */
  say(text: string): void {
    this.#io.writeErr(`${text}\n`);
  }

  /** Appends one line to the ND-JSON file that CORRAL_OUTPUT_FILE names, as wrangler does with its own variable. */
  event(type: string, fields: { readonly [key: string]: JsonOut } = {}): void {
    const path = this.#io.env["CORRAL_OUTPUT_FILE"];
    if (path === undefined || path === "") return;
    const entry = { version: 1, type, command: this.command, ...fields, timestamp: new Date().toISOString() };
    try {
      appendFileSync(path, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
    } catch {
      this.note("The file that CORRAL_OUTPUT_FILE names cannot be written.");
    }
  }

  /** Prints why a command ended and answers the exit code. */
  ending(error: unknown): ExitCode {
    if (error instanceof Declined) {
      this.say(error.message);
      if (this.json) this.always({ error: { message: error.message, exitCode: exitCodes.declined } });
      return exitCodes.declined;
    }
    if (error instanceof Interrupted) return exitCodes.interrupted;
    const failure = error instanceof Failure ? error : error instanceof Refusal ? refused(error) : unexpected(error);
    this.#io.writeErr(`${this.#paint("error:", "1;31")} ${failure.message}\n`);
    for (const place of failure.places) this.#io.writeErr(`  ${place}\n`);
    for (const hint of failure.hints) this.#io.writeErr(`${this.#paint("hint:", "36")} ${hint}\n`);
    if (failure.requestId !== undefined) this.#io.writeErr(`request: ${failure.requestId}\n`);
    const { message, exitCode, code, hints, places, requestId } = failure;
    if (this.json) this.always({ error: { message, exitCode, code, places, hints, requestId } });
    this.event("command-failed", { code, message });
    return failure.exitCode;
  }

  #paint(text: string, style: string): string {
    const { env, terminal } = this.#io;
    if (!terminal.stderr || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb") return text;
    return `\u001b[${style}m${text}\u001b[0m`;
  }
}

/** What no command had words for. */
function refused(refusal: Refusal): Failure {
  const places = refusal.errors.slice(1).map((one) => `${one.message} [code ${one.code}]`);
  const { code, requestId } = refusal;
  return new Failure(`${refusal.message} [code ${code}]`, { code, requestId, places });
}

/** A bug of ours. Its text may quote what it stumbled over, so only its kind and place in our own code are told. */
function unexpected(error: unknown): Failure {
  const frames =
    error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at .*corral|\/cli\//.test(line)) : [];
  const place = frames[0]?.match(/([\w.-]+):(\d+):\d+\)?$/);
  const where = place ? ` (${place[1]}:${place[2]})` : "";
  return new Failure(`Corral stumbled over a mistake of its own${where}.`);
}
