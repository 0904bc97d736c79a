import { children, type Node, type Repeat } from "../pyregex/ast.ts";
import { asciiRanges, charSetOf } from "../pyregex/charset.ts";

/** Repeats that may happen more often than this count as unlimited. */
const MANY = 8;
/** Larger repeats are not examined: the work grows with the square of this. */
const MAX_POSITIONS = 150;

/**
 * Whether the expression has a repeat that can take one text in exponentially many ways, as `(a+)+` or `(\w+\s?)*`:
 * a line made for it keeps a backtracking matcher busy without end.
 *
 * Each character of the repeat's body is a position; what may follow it, by the body's own sequence or by its next
 * round, are edges. The repeat is ambiguous when a position leads back to itself in two ways with the same text.
 */
export function hasAmbiguousRepeat(root: Node): boolean {
  if (root.type === "repeat" && isUnlimited(root) && isAmbiguous(root)) return true;
  return children(root).some(hasAmbiguousRepeat);
}

function isUnlimited(node: Repeat): boolean {
  return node.max > MANY && node.mode !== "possessive";
}

function isAmbiguous(repeat: Repeat): boolean {
  const graph = new PositionGraph();
  const part = graph.add(repeat);
  if (graph.size > MAX_POSITIONS || part.first.length === 0) return false;
  return graph.hasDoubleEdge || graph.hasTwoWays();
}

/** Positions with which a part of the expression can begin and end. */
interface Part {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly canBeEmpty: boolean;
}

const NOTHING: Part = { first: [], last: [], canBeEmpty: true };

class PositionGraph {
  /** Characters of each position, as a bit set of ASCII. */
  readonly #characters: bigint[] = [];
  readonly #next: Set<number>[] = [];
  /** The same step is possible in two ways, as the inner and the outer round in `(a+)+`. */
  hasDoubleEdge = false;

  get size(): number {
    return this.#characters.length;
  }

  add(node: Node): Part {
    if (this.size > MAX_POSITIONS) return NOTHING;
    switch (node.type) {
      case "char":
      case "class":
      case "any":
        return this.#addPosition(bits(asciiRanges(charSetOf(node))));
      case "sequence":
        return node.items.reduce((before: Part, item) => this.#join(before, this.add(item)), NOTHING);
      case "alternation":
        return either(node.branches.map((branch) => this.add(branch)));
      case "conditional":
        return either([this.add(node.yes), this.add(node.no)]);
      case "capture":
        return this.add(node.body);
      case "atomic":
        return this.#addFixed(node.body);
      case "repeat":
        return node.mode === "possessive" ? this.#addFixed(node.body) : this.#addRepeat(node);
      default:
        return NOTHING;
    }
  }

  /** Whether two different positions can be reached with one text and lead back to where they came from. */
  hasTwoWays(): boolean {
    for (let start = 0; start < this.size; start++) {
      const apart = [...this.#reach([[start, start]])].filter((pair) => !isSame(pair, this.size));
      const back = start * this.size + start;
      const pairs = apart.map((pair): [number, number] => [Math.floor(pair / this.size), pair % this.size]);
      if (pairs.length > 0 && this.#reach(pairs).has(back)) return true;
    }
    return false;
  }

  /** Pairs of positions that a text leads to from one of the given pairs, encoded as one number. */
  #reach(from: readonly (readonly [number, number])[]): Set<number> {
    const seen = new Set<number>();
    const pending = [...from];
    for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
      for (const a of this.#next[pair[0]] ?? []) {
        for (const b of this.#next[pair[1]] ?? []) {
          const key = a * this.size + b;
          if (seen.has(key) || ((this.#characters[a] ?? 0n) & (this.#characters[b] ?? 0n)) === 0n) continue;
          seen.add(key);
          pending.push([a, b]);
        }
      }
    }
    return seen;
  }

  #addPosition(characters: bigint): Part {
    this.#characters.push(characters);
    this.#next.push(new Set());
    const position = this.size - 1;
    return { first: [position], last: [position], canBeEmpty: false };
  }

  /** A part that gives nothing back: whatever it takes, it takes in one way. */
  #addFixed(body: Node): Part {
    const inner = new PositionGraph();
    const { first } = inner.add(body);
    return this.#addPosition(first.reduce((all, position) => all | (inner.#characters[position] ?? 0n), 0n));
  }

  #addRepeat(node: Repeat): Part {
    if (node.max > MANY) {
      const part = this.add(node.body);
      this.#connect(part.last, part.first);
      return { ...part, canBeEmpty: part.canBeEmpty || node.min === 0 };
    }
    let whole = NOTHING;
    for (let round = 1; round <= node.max; round++) {
      const part = this.add(node.body);
      whole = this.#join(whole, round > node.min ? { ...part, canBeEmpty: true } : part);
    }
    return whole;
  }

  #join(before: Part, after: Part): Part {
    this.#connect(before.last, after.first);
    return {
      first: before.canBeEmpty ? [...before.first, ...after.first] : before.first,
      last: after.canBeEmpty ? [...before.last, ...after.last] : after.last,
      canBeEmpty: before.canBeEmpty && after.canBeEmpty,
    };
  }

  #connect(from: readonly number[], to: readonly number[]): void {
    for (const start of from) {
      for (const end of to) {
        if (this.#next[start]?.has(end)) this.hasDoubleEdge = true;
        this.#next[start]?.add(end);
      }
    }
  }
}

function either(parts: readonly Part[]): Part {
  return {
    first: parts.flatMap((part) => part.first),
    last: parts.flatMap((part) => part.last),
    canBeEmpty: parts.some((part) => part.canBeEmpty),
  };
}

function isSame(pair: number, size: number): boolean {
  return Math.floor(pair / size) === pair % size;
}

function bits(ranges: readonly (readonly [number, number])[]): bigint {
  let set = 0n;
  for (const [low, high] of ranges) set |= ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
  return set;
}
