/**
 * Aho–Corasick over bytes, in flat tables.
 *
 * States are numbered in depth-first order of the sorted patterns, so the only child of a state is always the next
 * number. A state with one child is a "chain" state: it stores one letter and its fail link. The others (the root, its
 * children, branches) have a full row of transitions over the compressed alphabet. Memory is about 12 bytes for each
 * byte of pattern, and a text byte costs a constant number of steps whatever the patterns are: fail links only give
 * back depth that earlier bytes have paid for.
 */
export interface Pattern {
  readonly bytes: Uint8Array;
  /** Which secret it stands for. */
  readonly secret: number;
  /** Counts only between non-word characters. */
  readonly bounded: boolean;
}

/** `letter` of a state that has a row; its `link` is the row's offset. */
export const ROW = 0xffff;
/** `letter` of a state without children. */
const LEAF = 0xfffe;
const NONE = -1;

export interface Automaton {
  readonly patterns: readonly Pattern[];
  /** Byte to letter; 0 is every byte that no pattern has. */
  readonly letterOf: Uint16Array;
  readonly rows: Int32Array;
  readonly letter: Uint16Array;
  readonly link: Int32Array;
  /** The longest unbounded pattern that ends in this state, or -1. */
  readonly found: Int32Array;
  /** The longest bounded pattern that ends in this state, or -1; `shorterBounded` leads to the next. */
  readonly foundBounded: Int32Array;
  readonly shorterBounded: Int32Array;
  readonly depth: Uint16Array;
  /** The first pattern that has this state on its path. */
  readonly through: Int32Array;
  /** 1 for each two bytes (big-endian) that some pattern begins with. The root's row is the first of `rows`. */
  readonly begins: Uint8Array;
  readonly longestBounded: number;
}

/** Patterns have 2 to 65,000 bytes each; equal ones are merged, the first one stays. */
export function buildAutomaton(given: readonly Pattern[]): Automaton {
  const patterns = sortedUnique(given);
  const trie = buildTrie(patterns);
  return linkTrie(patterns, trie);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function sortedUnique(given: readonly Pattern[]): Pattern[] {
  const order = given.map((pattern, index) => ({ pattern, index }));
  // An unbounded pattern covers more than a bounded one with the same bytes.
  order.sort(
    (a, b) =>
      compareBytes(a.pattern.bytes, b.pattern.bytes) ||
      Number(a.pattern.bounded) - Number(b.pattern.bounded) ||
      a.pattern.secret - b.pattern.secret ||
      a.index - b.index,
  );
  const unique: Pattern[] = [];
  for (const { pattern } of order) {
    const last = unique.at(-1);
    if (last === undefined || compareBytes(last.bytes, pattern.bytes) !== 0) unique.push(pattern);
  }
  return unique;
}

interface Trie {
  readonly letterOf: Uint16Array;
  readonly width: number;
  readonly states: number;
  /** The letter on the edge that leads to a state. */
  readonly edge: Uint16Array;
  readonly parent: Int32Array;
  readonly sibling: Int32Array;
  readonly depth: Uint16Array;
  readonly own: Int32Array;
  readonly through: Int32Array;
  /** Of a state with one child: that child's letter. */
  readonly letter: Uint16Array;
}

function compressAlphabet(patterns: readonly Pattern[]): { letterOf: Uint16Array; width: number } {
  const letterOf = new Uint16Array(256);
  let width = 1;
  for (const { bytes } of patterns) {
    for (const byte of bytes) {
      if (letterOf[byte] !== 0) continue;
      letterOf[byte] = width;
      width += 1;
    }
  }
  return { letterOf, width };
}

function buildTrie(patterns: readonly Pattern[]): Trie {
  const { letterOf, width } = compressAlphabet(patterns);
  let capacity = 1;
  for (const { bytes } of patterns) capacity += bytes.length;
  const edge = new Uint16Array(capacity);
  const parent = new Int32Array(capacity);
  const sibling = new Int32Array(capacity).fill(NONE);
  const depth = new Uint16Array(capacity);
  const own = new Int32Array(capacity).fill(NONE);
  const through = new Int32Array(capacity).fill(NONE);
  const letter = new Uint16Array(capacity).fill(LEAF);
  letter[0] = ROW;
  let states = 1;
  const path: number[] = [0];
  let previous: Uint8Array = new Uint8Array(0);
  patterns.forEach(({ bytes }, index) => {
    let at = 0;
    while (at < previous.length && at < bytes.length && previous[at] === bytes[at]) at += 1;
    // Sorted input: below the shared prefix every state is new, and an elder sibling is on the previous path.
    const elder = at < previous.length ? path[at + 1] : undefined;
    if (elder !== undefined) sibling[elder] = states;
    for (; at < bytes.length; at += 1) {
      const above = path[at] ?? 0;
      const code = letterOf[bytes[at] ?? 0] ?? 0;
      edge[states] = code;
      parent[states] = above;
      depth[states] = at + 1;
      through[states] = index;
      // The root's children get rows too: most text never goes deeper.
      letter[above] = letter[above] === LEAF && above !== 0 && depth[above] !== 1 ? code : ROW;
      path[at + 1] = states;
      states += 1;
    }
    own[path[bytes.length] ?? 0] = index;
    previous = bytes;
  });
  return { letterOf, width, states, edge, parent, sibling, depth, own, through, letter };
}

/** States by depth, so that what a fail link points to is finished before. */
function byDepth(depth: Uint16Array, states: number): Int32Array {
  let deepest = 0;
  for (let state = 0; state < states; state += 1) deepest = Math.max(deepest, depth[state] ?? 0);
  const starts = new Int32Array(deepest + 2);
  for (let state = 0; state < states; state += 1) {
    const after = (depth[state] ?? 0) + 1;
    starts[after] = (starts[after] ?? 0) + 1;
  }
  for (let level = 1; level < starts.length; level += 1) starts[level] = (starts[level] ?? 0) + (starts[level - 1] ?? 0);
  const order = new Int32Array(states);
  for (let state = 0; state < states; state += 1) {
    const level = depth[state] ?? 0;
    const at = starts[level] ?? 0;
    order[at] = state;
    starts[level] = at + 1;
  }
  return order;
}

function linkTrie(patterns: readonly Pattern[], trie: Trie): Automaton {
  const { states, width, edge, parent, sibling, own, letter } = trie;
  const order = byDepth(trie.depth, states);
  const fail = new Int32Array(states);
  const link = new Int32Array(states);
  const found = new Int32Array(states).fill(NONE);
  const foundBounded = new Int32Array(states).fill(NONE);
  const shorterBounded = new Int32Array(patterns.length).fill(NONE);
  let rowCount = 0;
  for (let state = 0; state < states; state += 1) if (letter[state] === ROW) rowCount += 1;
  const rows = new Int32Array(rowCount * width);
  let nextRow = 0;

  const step = (from: number, code: number): number => {
    let state = from;
    for (;;) {
      const only = letter[state] ?? LEAF;
      if (only === ROW) return rows[(link[state] ?? 0) + code] ?? 0;
      if (only === code) return state + 1;
      state = link[state] ?? 0;
    }
  };

  const fillRow = (state: number): void => {
    const row = nextRow;
    nextRow += width;
    if (state !== 0) {
      const chain: number[] = [];
      let base = fail[state] ?? 0;
      for (; letter[base] !== ROW; base = link[base] ?? 0) chain.push(base);
      rows.copyWithin(row, link[base] ?? 0, (link[base] ?? 0) + width);
      // The nearest fail state wins, so it is written last.
      for (const shallow of chain.toReversed()) {
        const only = letter[shallow] ?? LEAF;
        if (only !== LEAF) rows[row + only] = shallow + 1;
      }
    }
    link[state] = row;
    const first = state + 1;
    if (first >= states || parent[first] !== state) return;
    for (let child = first; child !== NONE; child = sibling[child] ?? NONE) rows[row + (edge[child] ?? 0)] = child;
  };

  for (const state of order) {
    if (state !== 0) {
      const above = parent[state] ?? 0;
      fail[state] = above === 0 ? 0 : step(fail[above] ?? 0, edge[state] ?? 0);
    }
    const suffix = fail[state] ?? 0;
    found[state] = state === 0 ? NONE : (found[suffix] ?? NONE);
    foundBounded[state] = state === 0 ? NONE : (foundBounded[suffix] ?? NONE);
    const index = own[state] ?? NONE;
    if (index !== NONE && patterns[index]?.bounded === true) {
      shorterBounded[index] = foundBounded[state] ?? NONE;
      foundBounded[state] = index;
    } else if (index !== NONE) {
      found[state] = index;
    }
    if (letter[state] === ROW) fillRow(state);
    else link[state] = suffix;
  }

  const begins = new Uint8Array(1 << 16);
  let longestBounded = 0;
  for (const { bytes, bounded } of patterns) {
    begins[((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)] = 1;
    if (bounded) longestBounded = Math.max(longestBounded, bytes.length);
  }
  return {
    patterns,
    letterOf: trie.letterOf,
    rows,
    letter: letter.slice(0, states),
    link,
    found,
    foundBounded,
    shorterBounded,
    depth: trie.depth.slice(0, states),
    through: trie.through.slice(0, states),
    begins,
    longestBounded,
  };
}
