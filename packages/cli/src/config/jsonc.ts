/** wrangler.json and wrangler.jsonc: comments and trailing commas are allowed in both, as in wrangler. */
import type { JsonObject, JsonPosition } from "@corral/base";
import { findNodeAtLocation, getNodeValue, type Node, type ParseError, parseTree } from "jsonc-parser";
import type { ParsedConfig } from "./source.ts";

/** jsonc-parser's ParseErrorCode, in our words; its numbers are part of its interface. */
const words: Readonly<Record<number, string>> = {
  1: "expected a name, string, number or bracket",
  2: "not a number",
  3: "expected a key in double quotes",
  4: "expected a value",
  5: 'expected ":"',
  6: 'expected ","',
  7: 'expected "}"',
  8: 'expected "]"',
  9: "expected the end",
  10: "a comment is not allowed here",
  11: "this comment does not end",
  12: "this string does not end",
  13: "this number does not end",
  14: "not a Unicode escape",
  15: "unknown escape in a string",
  16: "a character that is not allowed here",
};

export function parseJsonc(text: string): ParsedConfig {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const at = (offset: number) => position(text, offset);
  if (errors.length > 0) {
    const mistakes = errors.slice(0, 5).map((one) => ({ ...at(one.offset), problem: words[one.error] ?? "not valid JSON" }));
    return { ok: false, mistakes };
  }
  if (root?.type !== "object") return { ok: false, mistakes: [{ ...at(0), problem: "expected an object" }] };
  const duplicate = findDuplicate(root);
  if (duplicate) return { ok: false, mistakes: [{ ...at(duplicate.offset), problem: "this key is already there" }] };
  return {
    ok: true,
    value: getNodeValue(root) as JsonObject,
    locate: (path) => {
      for (let length = path.length; length > 0; length -= 1) {
        const node = findNodeAtLocation(root, path.slice(0, length));
        if (node) return at(node.offset);
      }
      return at(root.offset);
    },
  };
}

/** The second key of a pair in one object; `__proto__` counts as a duplicate of what every object has. */
function findDuplicate(node: Node): Node | undefined {
  const seen = new Set<string>(["__proto__"]);
  for (const child of node.children ?? []) {
    const key = node.type === "object" ? child.children?.[0] : undefined;
    if (key !== undefined) {
      if (seen.has(String(key.value))) return key;
      seen.add(String(key.value));
    }
    const inner = findDuplicate(child);
    if (inner) return inner;
  }
  return undefined;
}

function position(text: string, offset: number): JsonPosition {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}
