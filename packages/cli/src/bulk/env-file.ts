/**
 * Bulk input as .env lines: `NAME=value`, `export NAME=value`, blanks around `=`, `# comments`, quotes of three kinds
 * that may span lines. Nothing is expanded: `$` is a character. A line that is none of this is a problem, not skipped:
 * the usual parsers ignore it, and a secret is missing.
 *
 * Without quotes the value ends with the line; blanks around it are not part of it, and a `#` begins a comment only
 * after a blank. In double quotes \n, \r, \t, \" and \\ stand for the characters; in single quotes and back quotes
 * everything is literal.
 */
import { Redacted } from "@corral/base";
import { type Entry, nameProblem, type Parsed, type Problem } from "./entries.ts";

export function parseEnvFile(text: string, anyName: boolean): Parsed {
  const reader = new EnvReader(text, anyName);
  reader.read();
  const { entries, problems, broken } = reader;
  return broken ? { kind: "broken", problems } : { kind: "entries", entries, problems };
}

const BLANKS = /[ \t]*/y;
const EXPORT = /export[ \t]+/y;
const NAME = /[^\s=#"'`]+/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const AFTER_QUOTE = /[ \t]*(?:#[^\n]*)?(?=\n|$)/y;

class EnvReader {
  readonly #text: string;
  readonly #anyName: boolean;
  readonly #lines = new Map<string, number>();
  readonly entries: Entry[] = [];
  readonly problems: Problem[] = [];
  /** Some line is not of this format. */
  broken = false;
  #at = 0;
  #line = 1;

  constructor(text: string, anyName: boolean) {
    this.#text = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
    this.#anyName = anyName;
  }

  read(): void {
    while (this.#at < this.#text.length) {
      this.#match(BLANKS);
      const next = this.#text[this.#at];
      if (next !== "\n" && next !== "#" && next !== undefined) this.#entry();
      this.#endLine();
    }
  }

  #entry(): void {
    const line = this.#line;
    this.#match(EXPORT);
    const name = this.#match(NAME);
    if (name === undefined || this.#match(EQUALS) === undefined) {
      this.#break(line, "expected NAME=value");
      return;
    }
    const value = this.#value(line);
    if (value === undefined) return;
    const wrongName = nameProblem(name, this.#anyName);
    const earlier = this.#lines.get(name);
    if (wrongName !== undefined) this.problems.push({ line, problem: wrongName });
    else if (earlier !== undefined) this.problems.push({ line, problem: `${name}: already given in line ${earlier}` });
    else if (value.includes("\0")) this.problems.push({ line, problem: `${name}: contains a NUL character` });
    else this.entries.push({ name, value: new Redacted(value) });
    this.#lines.set(name, earlier ?? line);
  }

  /** undefined: a problem was noted. */
  #value(line: number): string | undefined {
    const quote = this.#text[this.#at];
    if (quote === '"' || quote === "'" || quote === "`") return this.#quoted(quote, line);
    const end = this.#text.indexOf("\n", this.#at);
    const rest = this.#text.slice(this.#at, end < 0 ? undefined : end);
    this.#at += rest.length;
    const comment = /(?:^|[ \t])#/.exec(rest);
    return (comment === null ? rest : rest.slice(0, comment.index)).trim();
  }

  #quoted(quote: string, line: number): string | undefined {
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== quote) end += quote === '"' && this.#text[end] === "\\" ? 2 : 1;
    if (end >= this.#text.length) {
      this.#break(line, "this quote is not closed");
      return undefined;
    }
    const inside = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    this.#line += inside.split("\n").length - 1;
    if (this.#match(AFTER_QUOTE) === undefined) {
      this.#break(this.#line, "expected the end of the line after the closing quote");
      return undefined;
    }
    return quote === '"' ? unescape(inside) : inside;
  }

  #break(line: number, problem: string): void {
    this.broken = true;
    this.problems.push({ line, problem });
  }

  #endLine(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end < 0 ? this.#text.length : end + 1;
    this.#line += 1;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

/** An unknown escape keeps its backslash. */
function unescape(text: string): string {
  return text.replaceAll(/\\([\s\S])/g, (whole, character: string) => ESCAPES[character] ?? whole);
}
