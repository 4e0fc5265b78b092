/**
 * Finds the first mistake of a JSON text (RFC 8259) and where it is, in fixed words.
 *
 * The text may be a file of secrets, so nothing of it is ever handed out but positions and, to `onMember`, keys.
 * Stricter than the RFC where two readers could differ: a key twice in one object and `__proto__` are mistakes.
 */
export interface Mistake {
  readonly problem: string;
  /** Offset into the text, UTF-16 units. */
  readonly at: number;
}

export interface ScanOptions {
  readonly maxDepth: number;
  /** Called for each member of the outermost object, before its value is looked at. */
  readonly onMember?: (key: string, keyAt: number, valueAt: number) => void;
}

/** undefined: the text is valid. */
export function findMistake(text: string, options: ScanOptions): Mistake | undefined {
  const scanner = new Scanner(text, options);
  return scanner.document();
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;
const SPACE = /[ \t\r\n]*/y;
// oxlint-disable-next-line no-control-regex -- RFC 8259 section 7 forbids exactly these
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Each step answers whether to go on; a step that does not has noted its mistake. */
class Scanner {
  readonly #text: string;
  readonly #options: ScanOptions;
  #at = 0;
  #mistake: Mistake | undefined;

  constructor(text: string, options: ScanOptions) {
    this.#text = text;
    this.#options = options;
  }

  document(): Mistake | undefined {
    this.#skip(SPACE);
    if (this.#value(0)) {
      this.#skip(SPACE);
      if (this.#at < this.#text.length) this.#fail("expected the end");
    }
    return this.#mistake;
  }

  #value(depth: number): boolean {
    switch (this.#text.charAt(this.#at)) {
      case "{":
        return this.#object(depth + 1);
      case "[":
        return this.#array(depth + 1);
      case '"':
        return this.#string();
      default:
        return this.#skip(LITERAL) || this.#number();
    }
  }

  #object(depth: number): boolean {
    if (depth > this.#options.maxDepth) return this.#failDepth();
    const keys = new Set<string>();
    this.#at += 1;
    this.#skip(SPACE);
    if (this.#take("}")) return true;
    for (;;) {
      const keyAt = this.#at;
      if (this.#text[keyAt] !== '"') return this.#fail("expected a key in double quotes");
      if (!this.#string()) return false;
      const key = JSON.parse(this.#text.slice(keyAt, this.#at)) as string;
      if (key === "__proto__") return this.#fail("__proto__ is not allowed as a key", keyAt);
      if (keys.has(key)) return this.#fail("this key is already there", keyAt);
      keys.add(key);
      this.#skip(SPACE);
      if (!this.#take(":")) return this.#fail('expected ":"');
      this.#skip(SPACE);
      if (depth === 1) this.#options.onMember?.(key, keyAt, this.#at);
      if (!this.#value(depth)) return false;
      this.#skip(SPACE);
      if (this.#take("}")) return true;
      if (!this.#take(",")) return this.#fail('expected "," or "}"');
      this.#skip(SPACE);
    }
  }

  #array(depth: number): boolean {
    if (depth > this.#options.maxDepth) return this.#failDepth();
    this.#at += 1;
    this.#skip(SPACE);
    if (this.#take("]")) return true;
    for (;;) {
      // An object inside an array is not the outermost one; its depth is 2 at least.
      if (!this.#value(depth)) return false;
      this.#skip(SPACE);
      if (this.#take("]")) return true;
      if (!this.#take(",")) return this.#fail('expected "," or "]"');
      this.#skip(SPACE);
    }
  }

  #string(): boolean {
    const start = this.#at;
    this.#at += 1;
    for (;;) {
      this.#skip(PLAIN_CHARACTERS);
      if (this.#take('"')) return true;
      if (this.#at >= this.#text.length) return this.#fail("this string does not end", start);
      if (this.#text[this.#at] !== "\\") return this.#fail("a control character in a string must be escaped");
      if (!this.#skip(ESCAPE)) return this.#fail("unknown escape in a string");
    }
  }

  #number(): boolean {
    const start = this.#at;
    if (this.#skip(NUMBER)) return true;
    return this.#fail("expected a value", start);
  }

  /** Moves over a match of this sticky pattern; false when there is none (SPACE and PLAIN_CHARACTERS always match). */
  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #failDepth(): false {
    return this.#fail(`nested deeper than ${this.#options.maxDepth} levels`);
  }

  #fail(problem: string, at = this.#at): false {
    const ended = at >= this.#text.length;
    this.#mistake = { problem: ended ? `${problem}, but the text ends` : problem, at };
    return false;
  }
}
