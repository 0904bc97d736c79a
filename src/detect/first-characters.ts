import type { Category, CharClass, Node } from "../pyregex/ast.ts";

/** Number of characters that are told apart; all others count as possible. */
const ASCII = 128;

/**
 * The ASCII characters that a match of an expression can begin with, if the expression matches only at the
 * start of the text and never matches nothing; else `null`. Characters beyond ASCII are not told apart.
 *
 * @example firstCharacters(parse("^(?:Failed|Invalid) user").root) // "F" and "I"
 */
export function firstCharacters(root: Node): ReadonlySet<number> | null {
  const scan = firstOf(root);
  if (!scan.anchored || scan.canBeEmpty || scan.chars === null) return null;
  return scan.chars;
}

interface First {
  /** `null`: any character. */
  readonly chars: Set<number> | null;
  readonly canBeEmpty: boolean;
  /** Every match starts at the start of the text. */
  readonly anchored: boolean;
}

const ANYTHING: First = { chars: null, canBeEmpty: true, anchored: false };
const NOTHING: First = { chars: new Set(), canBeEmpty: true, anchored: false };

function firstOf(node: Node): First {
  switch (node.type) {
    case "char":
      return { chars: charsOf(node.codePoint, node.fold !== "none"), canBeEmpty: false, anchored: false };
    case "class":
      return { chars: classChars(node), canBeEmpty: false, anchored: false };
    case "any":
      return { chars: null, canBeEmpty: false, anchored: false };
    case "assertion":
      return { ...NOTHING, anchored: node.kind === "textStart" };
    case "look":
      return NOTHING;
    case "sequence":
      return sequence(node.items);
    case "alternation":
      return alternatives(node.branches.map(firstOf));
    case "conditional":
      return alternatives([firstOf(node.yes), firstOf(node.no)]);
    case "capture":
    case "atomic":
      return firstOf(node.body);
    case "repeat":
      return node.min > 0 ? firstOf(node.body) : { ...firstOf(node.body), canBeEmpty: true, anchored: false };
    default:
      return ANYTHING;
  }
}

function sequence(items: readonly Node[]): First {
  const chars = new Set<number>();
  let any = false;
  let anchored = false;
  for (const item of items) {
    const first = firstOf(item);
    anchored ||= first.anchored;
    any ||= first.chars === null;
    for (const char of first.chars ?? []) chars.add(char);
    if (!first.canBeEmpty) return { chars: any ? null : chars, canBeEmpty: false, anchored };
  }
  return { chars: any ? null : chars, canBeEmpty: true, anchored };
}

function alternatives(branches: readonly First[]): First {
  const any = branches.some((b) => b.chars === null);
  return {
    chars: any ? null : new Set(branches.flatMap((b) => [...(b.chars ?? [])])),
    canBeEmpty: branches.some((b) => b.canBeEmpty),
    anchored: branches.every((b) => b.anchored),
  };
}

function charsOf(codePoint: number, anyCase: boolean): Set<number> | null {
  // Folding can join an ASCII letter with others (the Kelvin sign and "k"), never two unlike ASCII letters.
  if (codePoint >= ASCII) return anyCase ? null : new Set();
  if (!anyCase) return new Set([codePoint]);
  const char = String.fromCharCode(codePoint);
  return new Set([char.toLowerCase().charCodeAt(0), char.toUpperCase().charCodeAt(0)]);
}

function classChars(node: CharClass): Set<number> | null {
  if (node.fold !== "none") return null;
  const chars = new Set<number>();
  for (let code = 0; code < ASCII; code++) {
    const inside =
      node.ranges.some(([from, to]) => from <= code && code <= to) ||
      node.categories.some((c) => inCategory(c, code) !== c.negated);
    if (inside !== node.negated) chars.add(code);
  }
  return chars;
}

function inCategory(category: Category, code: number): boolean {
  const char = String.fromCharCode(code);
  if (category.kind === "digit") return /\d/.test(char);
  if (category.kind === "word") return /\w/.test(char);
  // Python's Unicode meaning of white space includes four separators among the control characters.
  return /\s/.test(char) || (!category.ascii && code >= 0x1c && code <= 0x1f);
}
