import type { Range } from "./ast.ts";

/** Case never crosses this code point: no cased character lies above it. */
const LAST_CASED = 0x1ffff;
const LAST_ASCII = 0x7f;

let byCharacter: Map<number, readonly number[]> | null = null;

/**
 * All code points that Python takes for the same when case is ignored, the given one included.
 *
 * Python compares simple lower case, and takes lower-case letters that share their upper case for the same
 * (`s` and `ſ`, `i` and `ı`, `µ` and `μ`).
 */
export function caseVariants(codePoint: number): readonly number[] {
  return variants().get(codePoint) ?? [codePoint];
}

/**
 * Characters beyond ASCII that are the same as a letter of ASCII. They stand here because nearly all patterns are
 * ASCII: to find the variants of all characters takes tens of milliseconds.
 */
const SAME_AS_ASCII: readonly (readonly [letter: number, same: Range])[] = [
  [0x69, [0x130, 0x131]],
  [0x6b, [0x212a, 0x212a]],
  [0x73, [0x17f, 0x17f]],
];

/** The ranges together with all case variants of their members. */
export function foldRanges(ranges: readonly Range[]): readonly Range[] {
  if (ranges.every(([, high]) => high <= LAST_ASCII)) return foldAsciiFully(ranges);
  const extra: Range[] = [];
  for (const [codePoint, same] of variants()) {
    if (!ranges.some(([low, high]) => codePoint >= low && codePoint <= high)) continue;
    for (const variant of same) extra.push([variant, variant]);
  }
  return [...ranges, ...extra];
}

/** The ranges together with the other case of their members from A-Z and a-z. */
export function foldAscii(ranges: readonly Range[]): readonly Range[] {
  const extra: Range[] = [];
  for (const [low, high] of ranges) {
    addShifted(extra, Math.max(low, 0x41), Math.min(high, 0x5a), 0x20);
    addShifted(extra, Math.max(low, 0x61), Math.min(high, 0x7a), -0x20);
  }
  return [...ranges, ...extra];
}

/** The same for ranges of ASCII, with the variants that lie beyond it. */
function foldAsciiFully(ranges: readonly Range[]): readonly Range[] {
  const folded = foldAscii(ranges);
  const extra = SAME_AS_ASCII.filter(([letter]) =>
    folded.some(([low, high]) => letter >= low && letter <= high),
  );
  return [...folded, ...extra.map(([, same]) => same)];
}

/** Simple lower case of a character, as Python's matcher computes it. */
export function simpleLower(codePoint: number): number {
  if (codePoint < 0x80) return codePoint >= 0x41 && codePoint <= 0x5a ? codePoint + 0x20 : codePoint;
  return String.fromCodePoint(codePoint).toLowerCase().codePointAt(0)!;
}

function addShifted(into: Range[], low: number, high: number, shift: number): void {
  if (low <= high) into.push([low + shift, high + shift]);
}

function variants(): Map<number, readonly number[]> {
  byCharacter ??= buildVariants();
  return byCharacter;
}

function buildVariants(): Map<number, readonly number[]> {
  const byUpper = new Map<string, number[]>();
  for (const codePoint of casedCharacters()) {
    const upper = String.fromCodePoint(simpleLower(codePoint)).toUpperCase();
    const same = byUpper.get(upper);
    if (same) same.push(codePoint);
    else byUpper.set(upper, [codePoint]);
  }
  const result = new Map<number, readonly number[]>();
  for (const same of byUpper.values()) {
    if (same.length > 1) for (const codePoint of same) result.set(codePoint, same);
  }
  return result;
}

function casedCharacters(): number[] {
  let all = "";
  for (let codePoint = 0x41; codePoint <= LAST_CASED; codePoint++) {
    if (codePoint < 0xd800 || codePoint > 0xdfff) all += String.fromCodePoint(codePoint);
  }
  return Array.from(all.match(/\p{Changes_When_Casemapped}/gu) ?? [], (char) => char.codePointAt(0)!);
}
