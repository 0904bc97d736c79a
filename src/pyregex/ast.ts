/**
 * The syntax tree of a Python pattern. Flags are resolved: every node carries those that concern it, so
 * inline and scoped flags, verbose blanks and comments leave no trace.
 */
export type Node =
  | Char
  | CharClass
  | AnyChar
  | Assertion
  | Sequence
  | Alternation
  | Capture
  | Repeat
  | Atomic
  | Look
  | BackReference
  | Conditional;

/** How case is ignored: not at all, for A-Z only, or by Python's Unicode rules. */
export type Fold = "none" | "ascii" | "unicode";

/** One literal character. */
export interface Char {
  readonly type: "char";
  readonly codePoint: number;
  readonly fold: Fold;
}

/** `\w`, `\d`, `\s` or their complements, alone or in a class. */
export interface Category {
  readonly kind: "word" | "digit" | "space";
  readonly negated: boolean;
  /** Only ASCII characters belong to the category (before negation). */
  readonly ascii: boolean;
}

/** First and last code point, both included. */
export type Range = readonly [number, number];

/** `[…]`, or a category on its own. */
export interface CharClass {
  readonly type: "class";
  readonly negated: boolean;
  readonly ranges: readonly Range[];
  readonly categories: readonly Category[];
  readonly fold: Fold;
}

/** `.` */
export interface AnyChar {
  readonly type: "any";
  /** Newline included. */
  readonly dotAll: boolean;
}

/**
 * A condition on the place: `\A` or single-line `^`, multi-line `^`, `\Z`, single-line `$` (end or before the
 * final newline), multi-line `$`, `\b`, `\B`.
 */
export interface Assertion {
  readonly type: "assertion";
  readonly kind: "textStart" | "lineStart" | "textEnd" | "finalEnd" | "lineEnd" | "boundary" | "notBoundary";
  /** For boundaries: only ASCII characters are word characters. */
  readonly ascii: boolean;
}

export interface Sequence {
  readonly type: "sequence";
  readonly items: readonly Node[];
}

/** Branches in the order in which they are tried. */
export interface Alternation {
  readonly type: "alternation";
  readonly branches: readonly Node[];
}

export interface Capture {
  readonly type: "capture";
  /** Python's number of the group, from 1. */
  readonly index: number;
  readonly body: Node;
}

export interface Repeat {
  readonly type: "repeat";
  readonly min: number;
  /** `Infinity` when unlimited. */
  readonly max: number;
  readonly mode: "greedy" | "lazy" | "possessive";
  readonly body: Node;
}

/** `(?>…)` */
export interface Atomic {
  readonly type: "atomic";
  readonly body: Node;
}

/** Look-ahead and look-behind. */
export interface Look {
  readonly type: "look";
  readonly behind: boolean;
  readonly negated: boolean;
  readonly body: Node;
  /** Where it stands in the pattern, for errors. */
  readonly position: number;
}

export interface BackReference {
  readonly type: "backReference";
  readonly index: number;
  readonly fold: Fold;
}

/** `(?(group)yes|no)` */
export interface Conditional {
  readonly type: "conditional";
  readonly index: number;
  readonly yes: Node;
  readonly no: Node;
}

/** A parsed pattern. */
export interface Pattern {
  readonly source: string;
  readonly root: Node;
  readonly groupCount: number;
  /** Name of group `i + 1`, or `null`. */
  readonly groupNames: readonly (string | null)[];
}

/** Matches without consuming anything. */
export const EMPTY: Sequence = { type: "sequence", items: [] };

/** Never matches. */
export const NEVER: CharClass = { type: "class", negated: false, ranges: [], categories: [], fold: "none" };

/** Nodes directly inside `node`, in the order of the pattern. */
export function children(node: Node): readonly Node[] {
  switch (node.type) {
    case "sequence":
      return node.items;
    case "alternation":
      return node.branches;
    case "capture":
    case "repeat":
    case "atomic":
    case "look":
      return [node.body];
    case "conditional":
      return [node.yes, node.no];
    default:
      return [];
  }
}

/** True when `test` holds for `node` or anything inside it. */
export function some(node: Node, test: (node: Node) => boolean): boolean {
  if (test(node)) return true;
  for (const child of children(node)) if (some(child, test)) return true;
  return false;
}

/** `node` with each direct child replaced by `change(child)`. */
export function mapChildren(node: Node, change: (child: Node) => Node): Node {
  switch (node.type) {
    case "sequence":
      return { ...node, items: node.items.map(change) };
    case "alternation":
      return { ...node, branches: node.branches.map(change) };
    case "capture":
    case "repeat":
    case "atomic":
    case "look":
      return { ...node, body: change(node.body) };
    case "conditional":
      return { ...node, yes: change(node.yes), no: change(node.no) };
    default:
      return node;
  }
}
