/** The hidden prompt. Nothing is echoed while typing; after Enter always eight stars, so that not even the length shows. */
import { Redacted } from "@corral/base";
import type { Ask } from "../ask/ask.ts";
import type { Io } from "../io/io.ts";
import { Interrupted } from "../output/errors.ts";

export interface Typed {
  readonly value: Redacted;
  /** Lines that were pasted after the first were dropped. */
  readonly dropped: boolean;
}

/** Throws Interrupted on Ctrl-C, and on Ctrl-D with nothing typed. The terminal is restored however this ends. */
export async function promptHidden(io: Io, ask: Ask, question: string): Promise<Typed> {
  const keyboard = io.keyboard();
  const editor = new HiddenLine();
  // Raw mode first: what is typed as soon as the question shows would be echoed.
  keyboard.setRaw(true);
  try {
    ask.write(question);
    for (;;) {
      const bytes = await ask.read();
      if (bytes === undefined) throw new Interrupted();
      const used = editor.take(bytes);
      if (editor.state === "interrupted") throw new Interrupted();
      if (editor.state === "open") continue;
      const rest = bytes.subarray(used);
      ask.unread(rest);
      ask.write("********\n");
      return { value: editor.value(), dropped: rest.length > 0 };
    }
  } catch (error) {
    ask.write("\n");
    throw error;
  } finally {
    keyboard.setRaw(false);
    keyboard.release();
  }
}

type State = "open" | "done" | "interrupted";

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const ENTER = 0x0d;
const LINE_FEED = 0x0a;
const CTRL_U = 0x15;
const CTRL_W = 0x17;
const ESCAPE = 0x1b;
const DELETE = 0x7f;

const BEGIN = "-----BEGIN ";
const END = /-----END [A-Z0-9 ]+-----$/;

/** One line as keys make it. A pasted PEM block is the exception: its line ends belong to it, up to its END line. */
export class HiddenLine {
  #bytes: number[] = [];
  #escape: "" | "start" | "sequence" = "";
  state: State = "open";

  /** Answers how many bytes belonged to the line; the rest was typed ahead. */
  take(bytes: Uint8Array): number {
    for (const [at, byte] of bytes.entries()) {
      this.#key(byte);
      if (this.state === "open") continue;
      const next = bytes[at + 1];
      return byte === ENTER && next === LINE_FEED ? at + 2 : at + 1;
    }
    return bytes.length;
  }

  value(): Redacted {
    const text = new TextDecoder().decode(Uint8Array.from(this.#bytes));
    return new Redacted(text);
  }

  #key(byte: number): void {
    if (this.#escape !== "") {
      this.#skipEscape(byte);
      return;
    }
    switch (byte) {
      case CTRL_C:
        this.state = "interrupted";
        break;
      case CTRL_D:
        this.state = this.#bytes.length === 0 ? "interrupted" : "done";
        break;
      case ENTER:
      case LINE_FEED:
        this.#lineEnd(byte);
        break;
      case BACKSPACE:
      case DELETE:
        this.#eraseCharacter();
        break;
      case CTRL_U:
      case CTRL_W:
        this.#bytes = [];
        break;
      case ESCAPE:
        this.#escape = "start";
        break;
      default:
        if (byte >= 0x20 || byte === 0x09) this.#bytes.push(byte);
    }
  }

  #lineEnd(byte: number): void {
    const text = String.fromCharCode(...this.#bytes.slice(0, BEGIN.length));
    const inPem = text === BEGIN && !END.test(String.fromCharCode(...this.#bytes.slice(-60)));
    if (!inPem) this.state = "done";
    else if (byte === ENTER || this.#bytes.at(-1) !== LINE_FEED) this.#bytes.push(LINE_FEED);
  }

  /** Arrow and function keys: ESC [ … final byte, or ESC and one more. */
  #skipEscape(byte: number): void {
    if (this.#escape === "start") this.#escape = byte === 0x5b || byte === 0x4f ? "sequence" : "";
    else if (byte >= 0x40 && byte <= 0x7e) this.#escape = "";
  }

  /** A whole character: continuation bytes of UTF-8 go with their first. */
  #eraseCharacter(): void {
    let byte = this.#bytes.pop();
    while (byte !== undefined && byte >= 0x80 && byte < 0xc0) byte = this.#bytes.pop();
  }
}
