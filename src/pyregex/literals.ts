import type { CharClass, Node } from "./ast.ts";

/** More strings than this are not worth a search. */
const MAX_STRINGS = 24;
/** Classes with more members than this end a literal. */
const MAX_MEMBERS = 6;
/** Longer literals are no more selective. */
const MAX_LENGTH = 64;

/** What is known about all texts that a node matches. */
interface Knowledge {
  /** All strings it can match; `null` when they are too many or unknown. */
  readonly exact: readonly string[] | null;
  /** Every text that holds a match holds one of these; `null` when nothing is known. */
  readonly required: readonly string[] | null;
}

const NOTHING: Knowledge = { exact: null, required: null };
const EMPTY_STRING: Knowledge = { exact: [""], required: null };

/**
 * Substrings of which every text with a match holds at least one, or `null` when none can be derived. Never
 * with a line end in them, so that they can be looked for in whole blocks of lines.
 */
export function requiredLiterals(root: Node): readonly string[] | null {
  return strongest(learn(root));
}

/**
 * The same promise for a text from which one piece has been cut out before matching, as a date is: what is
 * returned is to be looked for in the text before the cut. A cut can break only one half of each literal.
 */
export function literalsBeforeCut(literals: readonly string[]): readonly string[] | null {
  const halves = literals.flatMap((literal) => {
    const middle = literal.length >> 1;
    return [literal.slice(0, middle), literal.slice(middle)];
  });
  return halves.includes("") ? null : withoutLonger(halves);
}

function learn(node: Node): Knowledge {
  switch (node.type) {
    case "char":
      return node.fold === "none" || !isCased(node.codePoint) ? character(node.codePoint) : NOTHING;
    case "class":
      return fromClass(node);
    case "any":
    case "backReference":
      return NOTHING;
    case "assertion":
      return EMPTY_STRING;
    case "look":
      return node.negated ? EMPTY_STRING : { exact: [""], required: strongest(learn(node.body)) };
    case "capture":
    case "atomic":
      return learn(node.body);
    case "sequence":
      return fromSequence(node.items.map(learn));
    case "alternation":
      return fromBranches(node.branches.map(learn));
    case "conditional":
      return fromBranches([learn(node.yes), learn(node.no)]);
    case "repeat":
      return fromRepeat(learn(node.body), node.min, node.max);
  }
}

function character(codePoint: number): Knowledge {
  const isLineEnd = codePoint === 0x0a || codePoint === 0x0d;
  return isLineEnd ? NOTHING : { exact: [String.fromCodePoint(codePoint)], required: null };
}

function fromClass(node: CharClass): Knowledge {
  if (node.negated || node.categories.length > 0) return NOTHING;
  const size = node.ranges.reduce((sum, [low, high]) => sum + high - low + 1, 0);
  if (size > MAX_MEMBERS) return NOTHING;
  const members: Knowledge[] = [];
  for (const [low, high] of node.ranges) {
    for (let codePoint = low; codePoint <= high; codePoint++) {
      members.push(learn({ type: "char", codePoint, fold: node.fold }));
    }
  }
  return fromBranches(members);
}

function fromSequence(items: readonly Knowledge[]): Knowledge {
  let best: readonly string[] | null = null;
  let isExact = true;
  let run: readonly string[] = [""];
  for (const item of items) {
    best = stronger(best, item.required);
    const longer = item.exact && product(run, item.exact);
    if (longer) {
      run = longer;
      continue;
    }
    isExact = false;
    best = stronger(best, usable(run));
    run = item.exact ?? [""];
  }
  return { exact: isExact ? run : null, required: stronger(best, usable(run)) };
}

function fromBranches(branches: readonly Knowledge[]): Knowledge {
  const exact = branches.every((branch) => branch.exact)
    ? limited([...new Set(branches.flatMap((branch) => branch.exact!))])
    : null;
  const required = branches.map(strongest);
  const all = required.every((literals) => literals !== null);
  return { exact, required: all ? usable(required.flatMap((literals) => literals!)) : null };
}

function fromRepeat(body: Knowledge, min: number, max: number): Knowledge {
  if (min === 0) {
    return max === 1 && body.exact
      ? { exact: limited([...new Set([...body.exact, ""])]), required: null }
      : NOTHING;
  }
  if (min === max && min <= MAX_LENGTH) return fromSequence(new Array<Knowledge>(min).fill(body));
  return { exact: null, required: strongest(body) };
}

/** All ways to put a string of `right` behind one of `left`; `null` when they are too many. */
function product(left: readonly string[], right: readonly string[]): readonly string[] | null {
  if (left.length * right.length > MAX_STRINGS) return null;
  const joined = left.flatMap((a) => right.map((b) => a + b));
  return joined.some((text) => text.length > MAX_LENGTH) ? null : [...new Set(joined)];
}

function strongest(knowledge: Knowledge): readonly string[] | null {
  return stronger(knowledge.required, knowledge.exact && usable(knowledge.exact));
}

/** The strings as a set to look for; `null` when they promise nothing. */
function usable(strings: readonly string[]): readonly string[] | null {
  if (strings.length === 0 || strings.includes("")) return null;
  return limited(withoutLonger(strings));
}

function limited(strings: readonly string[]): readonly string[] | null {
  return strings.length <= MAX_STRINGS ? strings : null;
}

/** Without strings that hold another one of them. */
function withoutLonger(strings: readonly string[]): readonly string[] {
  const unique = [...new Set(strings)];
  return unique.filter((text) => !unique.some((other) => other !== text && text.includes(other)));
}

function stronger(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (!a || !b) return a ?? b;
  return strength(b) > strength(a) ? b : a;
}

/** Long literals are rare in texts; each doubling of their number costs half a character. */
function strength(literals: readonly string[]): number {
  return Math.min(...literals.map((literal) => literal.length)) - Math.log2(literals.length) / 2;
}

function isCased(codePoint: number): boolean {
  return /\p{Changes_When_Casemapped}/u.test(String.fromCodePoint(codePoint));
}
