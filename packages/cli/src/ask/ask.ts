/**
 * Questions. They are asked only when both ends are terminals, whatever CI says; what cannot be asked is never assumed.
 * Questions go to stderr, so that a redirected stdout holds results only.
 */
import type { Io } from "../io/io.ts";
import { Failure, Interrupted, exitCodes } from "../output/errors.ts";

export interface Choice<T> {
  readonly label: string;
  readonly value: T;
}

const CTRL_C = 0x03;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export class Ask {
  readonly #io: Io;
  /** Typed ahead of the question: a terminal hands out whole pastes. */
  #ahead: Uint8Array = new Uint8Array(0);

  constructor(io: Io) {
    this.#io = io;
  }

  get possible(): boolean {
    const { stdin, stdout, stderr } = this.#io.terminal;
    return stdin && (stderr || stdout);
  }

  /** `question` without the (y/N): it follows from `fallback`, which Enter alone means. */
  async yesNo(question: string, fallback: boolean): Promise<boolean> {
    for (;;) {
      this.write(`? ${question} ${fallback ? "(Y/n)" : "(y/N)"} `);
      const answer = (await this.#line()).trim().toLowerCase();
      if (answer === "") return fallback;
      if (answer === "y" || answer === "yes") return true;
      if (answer === "n" || answer === "no") return false;
      this.write("Please answer y or n.\n");
    }
  }

  /** Numbered choices; Enter alone takes the first. */
  async choose<T>(question: string, choices: readonly Choice<T>[]): Promise<T> {
    this.write(`? ${question}\n`);
    for (const [index, one] of choices.entries()) this.write(`  ${index + 1}  ${one.label}\n`);
    for (;;) {
      this.write(`  1–${choices.length} (1): `);
      const answer = (await this.#line()).trim();
      const chosen = choices[answer === "" ? 0 : Number(answer) - 1];
      if (chosen !== undefined) return chosen.value;
    }
  }

  /** A line of free text; Enter alone takes the fallback. */
  async text(question: string, fallback = ""): Promise<string> {
    this.write(`? ${question}${fallback === "" ? "" : ` (${fallback})`} `);
    const answer = (await this.#line()).trim();
    return answer === "" ? fallback : answer;
  }

  write(text: string): void {
    if (this.#io.terminal.stderr) this.#io.writeErr(text);
    else this.#io.writeOut(text);
  }

  /** The next bytes of the terminal; undefined at its end. What was typed ahead comes first. */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#ahead.length > 0) {
      const bytes = this.#ahead;
      this.#ahead = new Uint8Array(0);
      return bytes;
    }
    return this.#io.keyboard().read();
  }

  /** Gives back what was read too far. */
  unread(bytes: Uint8Array): void {
    this.#ahead = bytes;
  }

  async #line(): Promise<string> {
    const typed: number[] = [];
    const keyboard = this.#io.keyboard();
    try {
      for (;;) {
        const bytes = await this.read();
        if (bytes === undefined)
          throw new Failure("The terminal was closed before there was an answer.", { exitCode: exitCodes.declined });
        for (const [at, byte] of bytes.entries()) {
          if (byte === CTRL_C) throw new Interrupted();
          if (byte === LINE_FEED || byte === CARRIAGE_RETURN) {
            this.unread(bytes.subarray(at + 1));
            return new TextDecoder().decode(Uint8Array.from(typed));
          }
          typed.push(byte);
        }
      }
    } finally {
      keyboard.release();
    }
  }
}
