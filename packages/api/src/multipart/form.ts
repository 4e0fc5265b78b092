/**
 * Metadata that came as many form fields instead of one JSON text (wire.md 5.2, other-clients.md 6.11):
 *
 *   metadata[bindings][][type]     TypeScript SDK: `[]` appends; a new element begins when the field is there already
 *   metadata.bindings.0.name       Go v5: positions
 *   metadata.bindings[].type       Python: column by column, all types, then all names, …
 *
 * Scalars stay text; the schemas read `true` and numbers out of them where they want such.
 */
import { bindingHasField, uploadInvalid } from "@corral/contract";

type Node = string | Node[] | { [key: string]: Node };

const MOST_DEPTH = 12;
const MOST_INDEX = 4000;

/** `fields` in the order they came; all their names begin with `root`. */
export function decodeForm(root: string, fields: readonly (readonly [name: string, value: string])[]): Node {
  const tree: { [key: string]: Node } = {};
  const columns = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const rest = name.slice(root.length);
    const column = /^\.bindings\[\]\.(\w+)$/.exec(rest)?.[1];
    if (column === undefined) insert(tree, segments(rest), value);
    else columns.set(column, [...(columns.get(column) ?? []), value]);
  }
  if (columns.size > 0) {
    if (tree["bindings"] !== undefined) throw malformed();
    tree["bindings"] = transpose(columns);
  }
  return restoreScalars(tree);
}

/** `[a][][b/c]` and `.a.0.b` alike: "" appends, digits are a position. */
function segments(rest: string): readonly string[] {
  const found: string[] = [];
  const token = /\[([^\]]*)\]|\.([^.[\]]+)/y;
  while (token.lastIndex < rest.length) {
    const match = token.exec(rest);
    if (match === null) throw malformed();
    found.push(match[1] ?? match[2] ?? "");
  }
  if (found.length === 0 || found.length > MOST_DEPTH || found.includes("__proto__")) throw malformed();
  return found;
}

function insert(tree: { [key: string]: Node }, path: readonly string[], value: string): void {
  let here: Node = tree;
  for (const [depth, key] of path.entries()) {
    const next = path[depth + 1];
    const fresh: Node = next === undefined ? value : next === "" || isIndex(next) ? [] : {};
    if (Array.isArray(here)) here = intoArray(here, key, fresh, path.slice(depth + 1));
    else if (typeof here === "object") here = intoObject(here, key, fresh, next === undefined);
    else throw malformed();
  }
}

function intoObject(object: { [key: string]: Node }, key: string, fresh: Node, leaf: boolean): Node {
  if (key === "") throw malformed();
  const there = Object.hasOwn(object, key) ? object[key] : undefined;
  if (there !== undefined && !leaf) return there;
  if (there !== undefined) throw malformed();
  object[key] = fresh;
  return fresh;
}

function intoArray(array: Node[], key: string, fresh: Node, rest: readonly string[]): Node {
  if (isIndex(key)) {
    const index = Number(key);
    if (index > array.length || index > MOST_INDEX) throw malformed();
    const there = array[index];
    if (there !== undefined && rest.length > 0) return there;
    array[index] = fresh;
    return fresh;
  }
  if (key !== "") throw malformed();
  const last = array.at(-1);
  if (last !== undefined && !isTaken(last, rest)) return last;
  if (array.length > MOST_INDEX) throw malformed();
  array.push(fresh);
  return fresh;
}

/** Is there something at this path already, so that the value must belong to a new element? */
function isTaken(node: Node, path: readonly string[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined || typeof node === "string") return true;
  if (Array.isArray(node)) {
    const element = isIndex(key) ? node[Number(key)] : undefined;
    return element !== undefined && isTaken(element, rest);
  }
  const inner = Object.hasOwn(node, key) ? node[key] : undefined;
  return inner !== undefined && isTaken(inner, rest);
}

function isIndex(key: string): boolean {
  return /^\d{1,5}$/.test(key);
}

/** The n-th value of a column belongs to the n-th binding whose type has such a field. */
function transpose(columns: ReadonlyMap<string, readonly string[]>): Node[] {
  const types = columns.get("type") ?? [];
  const bindings = types.map((type): { [key: string]: Node; type: string } => ({ type }));
  for (const [field, values] of columns) {
    if (field === "type") continue;
    const owners = bindings.filter((binding) => bindingHasField(binding.type, field));
    const rows = values.length === bindings.length ? bindings : owners;
    if (rows.length !== values.length)
      throw uploadInvalid("metadata.bindings: the form does not say which binding a field belongs to");
    for (const [index, row] of rows.entries()) row[field] = values[index] ?? "";
  }
  return bindings;
}

/** Where the client's own JSON came as text and no schema is there to read it back: json bindings and observability. */
function restoreScalars(tree: { [key: string]: Node }): Node {
  const { bindings, observability } = tree;
  if (observability !== undefined) tree["observability"] = scalars(observability, true) as Node;
  if (!Array.isArray(bindings)) return tree;
  for (const binding of bindings) {
    if (typeof binding === "object" && !Array.isArray(binding) && binding["type"] === "json" && binding["json"] !== undefined) {
      // A number may have been text here; which it was cannot be told.
      binding["json"] = scalars(binding["json"], false) as Node;
    }
  }
  return tree;
}

function scalars(node: Node, numbers: boolean): unknown {
  if (node === "true") return true;
  if (node === "false") return false;
  if (typeof node === "string") return numbers && /^\d+(?:\.\d+)?$/.test(node) ? Number(node) : node;
  if (Array.isArray(node)) return node.map((item) => scalars(item, numbers));
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, scalars(value, numbers)]));
}

function malformed() {
  return uploadInvalid("metadata: its form fields do not fit together");
}
