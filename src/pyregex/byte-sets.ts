import type { AnyChar, Char, CharClass, Conditional, Node } from "./ast.ts";
import { asciiRanges, charSetOf } from "./charset.ts";

/** A set of ASCII characters: bit `n` for the character with code `n`. */
export type AsciiSet = bigint;

/** What a text can go on with. */
export interface Beginning {
  readonly set: AsciiSet;
  /** It can also end here. */
  readonly end: boolean;
  /** It can go on with anything. */
  readonly any: boolean;
}

/** Everything goes. */
export const ANY_BEGINNING: Beginning = { set: 0n, end: true, any: true };

/** The ASCII characters that a node for one character accepts. */
export function asciiSetOf(node: Char | CharClass | AnyChar): AsciiSet {
  // As most are.
  if (node.type === "char" && node.fold === "none" && node.codePoint < 0x80)
    return 1n << BigInt(node.codePoint);
  let set = KNOWN.get(node);
  if (set !== undefined) return set;
  set = 0n;
  for (const [low, high] of asciiRanges(charSetOf(node)))
    set |= ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
  KNOWN.set(node, set);
  return set;
}

/** The sets of nodes: they are asked for again and again while code is written. */
const KNOWN = new WeakMap<Node, AsciiSet>();

/** The characters of a set as a table of ones and zeros. */
export function tableOf(set: AsciiSet): Uint8Array {
  const table = new Uint8Array(256);
  const digits = set.toString(2);
  for (let code = 0; code < digits.length; code++)
    if (digits[digits.length - 1 - code] === "1") table[code] = 1;
  return table;
}

/** What a text can go on with where a node is to be matched, and then something that begins like `next`. */
export function beginningOf(node: Node, next: Beginning): Beginning {
  switch (node.type) {
    case "char":
    case "class":
    case "any":
      return { set: asciiSetOf(node), end: false, any: false };
    case "sequence":
      return node.items.reduceRight((behind, item) => beginningOf(item, behind), next);
    case "alternation":
      return either(node.branches.map((branch) => beginningOf(branch, next)));
    case "conditional":
      return ofConditional(node, next);
    case "capture":
    case "atomic":
      return beginningOf(node.body, next);
    case "repeat": {
      // One more iteration begins like the first one.
      const again = beginningOf(node.body, next);
      return node.min > 0 ? again : either([again, next]);
    }
    case "assertion":
      return node.kind in ENDS ? { set: ENDS[node.kind]!, end: true, any: false } : next;
    case "look":
      return next;
    case "backReference":
      return ANY_BEGINNING;
  }
}

const NEWLINE = 1n << 10n;
/** Assertions of an end, and what can follow there. */
const ENDS: Readonly<Record<string, AsciiSet>> = { textEnd: 0n, finalEnd: NEWLINE, lineEnd: NEWLINE };

function ofConditional(node: Conditional, next: Beginning): Beginning {
  return either([beginningOf(node.yes, next), beginningOf(node.no, next)]);
}

/** What a text can go on with that goes on with one of these. */
export function either(beginnings: readonly Beginning[]): Beginning {
  let [set, end, any] = [0n, false, false];
  for (const beginning of beginnings) {
    set |= beginning.set;
    end ||= beginning.end;
    any ||= beginning.any;
  }
  return { set, end, any };
}

/** For each item of a sequence, what a text can go on with behind it, if that which follows the sequence begins like `next`. */
export function beginningsBehind(items: readonly Node[], next: Beginning): readonly Beginning[] {
  const behind: Beginning[] = [];
  let following = next;
  for (let i = items.length - 1; i >= 0; i--) {
    behind[i] = following;
    if (i > 0) following = beginningOf(items[i]!, following);
  }
  return behind;
}
