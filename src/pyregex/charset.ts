import type { AnyChar, Category, Char, CharClass, Fold, Range } from "./ast.ts";
import { caseVariants, foldAscii, foldRanges, simpleLower } from "./casefold.ts";

/** A set of characters with case folding already done: what one position of a pattern accepts. */
export interface CharSet {
  readonly negated: boolean;
  /** Sorted, apart from each other. */
  readonly ranges: readonly Range[];
  readonly categories: readonly Category[];
}

const LAST_CODE_POINT = 0x10ffff;
const LAST_ASCII = 0x7f;

const ASCII_RANGES: Readonly<Record<Category["kind"], readonly Range[]>> = {
  word: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
  digit: [[0x30, 0x39]],
  space: [
    [0x09, 0x0d],
    [0x20, 0x20],
  ],
};

/** Python's blanks: the ASCII separators U+001C to U+001F belong to them. */
const SPACE_RANGES: readonly Range[] = [
  [0x09, 0x0d],
  [0x1c, 0x20],
  [0x85, 0x85],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];

/** The characters that a node matching one character accepts. */
export function charSetOf(node: Char | CharClass | AnyChar): CharSet {
  if (node.type === "any")
    return { negated: true, ranges: node.dotAll ? [] : [[0x0a, 0x0a]], categories: [] };
  if (node.type === "char") return { negated: false, ranges: charRanges(node), categories: [] };
  return {
    negated: node.negated,
    ranges: normalize(fold(node.ranges, node.fold)),
    categories: node.categories,
  };
}

/** The ASCII characters of the set, as ranges. */
export function asciiRanges(set: CharSet): readonly Range[] {
  const positive = normalize([...set.ranges, ...set.categories.flatMap(asciiCategory)]);
  const ranges = set.negated ? complement(positive, LAST_ASCII) : positive;
  return ranges
    .filter(([low]) => low <= LAST_ASCII)
    .map(([low, high]) => [low, Math.min(high, LAST_ASCII)] as const);
}

/** Everything up to `last` that is in none of the sorted ranges. */
export function complement(ranges: readonly Range[], last: number = LAST_CODE_POINT): readonly Range[] {
  const result: Range[] = [];
  let next = 0;
  for (const [low, high] of ranges) {
    if (low > last) break;
    if (low > next) result.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= last) result.push([next, last]);
  return result;
}

/** The members of a category when it is not negated; `null` for those with too many to list. */
export function categoryRanges(category: Category): readonly Range[] | null {
  if (category.ascii) return ASCII_RANGES[category.kind];
  return category.kind === "space" ? SPACE_RANGES : null;
}

/** A test for membership. */
export function membership(set: CharSet): (codePoint: number) => boolean {
  const ascii = new Uint8Array(LAST_ASCII + 1);
  for (const [low, high] of asciiRanges(set)) ascii.fill(1, low, high + 1);
  return (codePoint) => (codePoint <= LAST_ASCII ? ascii[codePoint] === 1 : contains(set, codePoint));
}

/** Simple lower case under `fold`; back-references compare with it. */
export function lowerUnder(foldKind: Fold, codePoint: number): number {
  if (foldKind === "none" || (foldKind === "ascii" && codePoint > LAST_ASCII)) return codePoint;
  return simpleLower(codePoint);
}

/** Sorts ranges and joins those that touch. */
export function normalize(ranges: readonly Range[]): readonly Range[] {
  const result: [number, number][] = [];
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else result.push([low, high]);
  }
  return result;
}

function charRanges(node: Char): readonly Range[] {
  if (node.fold === "unicode" && node.codePoint > LAST_ASCII) {
    return normalize(caseVariants(node.codePoint).map((c) => [c, c] as const));
  }
  return normalize(fold([[node.codePoint, node.codePoint]], node.fold));
}

function fold(ranges: readonly Range[], kind: Fold): readonly Range[] {
  if (kind === "none") return ranges;
  return kind === "ascii" ? foldAscii(ranges) : foldRanges(ranges);
}

function asciiCategory(category: Category): readonly Range[] {
  const ranges = category.kind === "space" && !category.ascii ? SPACE_RANGES : ASCII_RANGES[category.kind];
  return category.negated ? complement(ranges) : ranges;
}

const WORD = /^[\p{L}\p{N}_]$/u;
const DIGIT = /^\p{Nd}$/u;

function contains(set: CharSet, codePoint: number): boolean {
  const inside =
    inRanges(set.ranges, codePoint) || set.categories.some((category) => inCategory(category, codePoint));
  return inside !== set.negated;
}

function inCategory(category: Category, codePoint: number): boolean {
  const ranges = categoryRanges(category);
  if (ranges) return inRanges(ranges, codePoint) !== category.negated;
  const test = category.kind === "word" ? WORD : DIGIT;
  return test.test(String.fromCodePoint(codePoint)) !== category.negated;
}

function inRanges(ranges: readonly Range[], codePoint: number): boolean {
  return ranges.some(([low, high]) => codePoint >= low && codePoint <= high);
}
