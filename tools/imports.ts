/** Import specifiers out of TypeScript text. A scanner, not a parser: it knows comments and strings, which is enough here. */

/** The text with comments blanked and everything else in its place. */
export function stripComments(text: string): string {
  let out = "";
  let at = 0;
  while (at < text.length) {
    const two = text.slice(at, at + 2);
    if (two === "//") {
      const end = text.indexOf("\n", at);
      at = end === -1 ? text.length : end;
    } else if (two === "/*") {
      const end = text.indexOf("*/", at + 2);
      out += " ";
      at = end === -1 ? text.length : end + 2;
    } else if (text[at] === '"' || text[at] === "'" || text[at] === "`") {
      const end = endOfString(text, at);
      out += text.slice(at, end);
      at = end;
    } else {
      out += text[at];
      at += 1;
    }
  }
  return out;
}

/** A template's `${}` is taken as part of its text: good enough, since a quote inside one is matched up again. */
function endOfString(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === quote) return at + 1;
    // An apostrophe in a regular expression is not a string: give up at the line's end.
    else if (text[at] === "\n" && quote !== "`") return at;
  }
  return text.length;
}

const IMPORT = /(?:^|[;\n}])\s*(?:import|export)\s(?:[^"';]*?\sfrom\s)?\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

export function findImports(text: string): string[] {
  const specifiers: string[] = [];
  for (const match of stripComments(text).matchAll(IMPORT)) specifiers.push(match[1] ?? match[2] ?? "");
  return specifiers;
}
