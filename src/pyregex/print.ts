import type { Alternation, Assertion, BackReference, Category, Look, Node, Range, Repeat } from "./ast.ts";
import { asciiRanges, type CharSet, categoryRanges, charSetOf, complement } from "./charset.ts";
import { isSingleCharacter } from "./simplify.ts";

/** How a tree is to be written. */
export interface PrintOptions {
  /** For all texts (to be compiled with the `v` flag), or for pure ASCII texts (no flag needed). */
  readonly unicode: boolean;
  /**
   * Write a `$` at the very end of the pattern so that it swallows the final newline into a group of its own.
   * That needs no look-ahead, so the engine's linear-time matcher can take the pattern.
   */
  readonly swallowNewline: boolean;
}

/** An ECMAScript pattern and how its groups relate to Python's. */
export interface Printed {
  readonly source: string;
  /** For each Python group from 1 (index 0 is unused): the ECMAScript groups, of which at most one takes part. */
  readonly groups: readonly (readonly number[])[];
  /** Groups that hold a swallowed final newline. */
  readonly newlines: readonly number[];
}

const LAST_ASCII = 0x7f;
/** The linear-time matcher refuses patterns in which nested counts multiply to more than this. */
const MAX_COUNT = 16;
/** Counts up to this are written out to stay below {@link MAX_COUNT}. */
const MAX_WRITTEN_OUT = 32;
const WORD = "[\\p{L}\\p{N}_]";

/** Writes a tree without conditionals as an ECMAScript pattern. */
export function print(root: Node, groupCount: number, options: PrintOptions): Printed {
  const printer = new Printer(groupCount, options);
  const source = printer.print(root, options.swallowNewline);
  return { source, groups: printer.groups, newlines: printer.newlines };
}

class Printer {
  readonly groups: number[][];
  readonly newlines: number[] = [];
  readonly #unicode: boolean;
  #groupCount = 0;
  #lookBehind = false;
  /** Product of the counts around the node that is being printed. */
  #count = 1;

  constructor(groupCount: number, options: PrintOptions) {
    this.groups = Array.from({ length: groupCount + 1 }, () => []);
    this.#unicode = options.unicode;
  }

  /** `tail`: nothing follows the node in the pattern. */
  print(node: Node, tail: boolean): string {
    switch (node.type) {
      case "char":
      case "class":
      case "any":
        return this.#set(charSetOf(node));
      case "assertion":
        return this.#assertion(node, tail);
      case "sequence":
        return this.#sequence(node.items, tail);
      case "alternation":
        return this.#alternation(node, tail);
      case "capture": {
        const number = ++this.#groupCount;
        this.groups[node.index]!.push(number);
        return `(${this.print(node.body, false)})`;
      }
      case "repeat":
        return this.#repeat(node);
      case "atomic":
        return this.#atomic(node.body);
      case "look":
        return this.#look(node);
      case "backReference":
        return this.#backReference(node);
      case "conditional":
        throw new Error("conditionals must be expanded before printing");
    }
  }

  #sequence(items: readonly Node[], tail: boolean): string {
    let source = "";
    for (const [i, item] of items.entries()) {
      const isLast = i === items.length - 1;
      const text = this.print(item, tail && isLast);
      const part = item.type === "alternation" ? `(?:${text})` : text;
      // Keeps a digit from becoming part of the number of the reference before it.
      source += /^\d/.test(part) && /\\\d+$/.test(source) ? `(?:)${part}` : part;
    }
    return source;
  }

  #alternation(node: Alternation, tail: boolean): string {
    return node.branches.map((branch) => this.print(branch, tail)).join("|");
  }

  #repeat({ min, max, mode, body }: Repeat): string {
    const outer = this.#count;
    const count = outer * Math.max(1, max === Infinity ? min : max);
    if (isSingleCharacter(body)) {
      const text = this.print(body, false);
      if (count > MAX_COUNT && count / outer <= MAX_WRITTEN_OUT)
        return writtenOut(text, min, max, mode === "lazy");
      return text + quantifier(min, max, mode);
    }
    this.#count = count;
    const text = this.print(body, false);
    this.#count = outer;
    // ECMAScript refuses an optional iteration that matches nothing, Python takes it.
    if (min === 0 && max === 1) return optional(text, mode === "lazy");
    return (body.type === "capture" ? text : `(?:${text})`) + quantifier(min, max, mode);
  }

  /** A look-ahead is never entered again; the reference then consumes what it captured. */
  #atomic(body: Node): string {
    // Everything in a look-behind has a fixed width, so there is no other way to match.
    if (this.#lookBehind) return `(?:${this.print(body, false)})`;
    const number = ++this.#groupCount;
    return `(?=(${this.print(body, false)}))\\${number}`;
  }

  #look({ behind, negated, body }: Look): string {
    const outer = this.#lookBehind;
    this.#lookBehind = behind;
    const text = this.print(body, false);
    this.#lookBehind = outer;
    return `(?${behind ? "<" : ""}${negated ? "!" : "="}${text})`;
  }

  #backReference({ index, fold }: BackReference): string {
    // At most one of the copies took part; the others match nothing, as ECMAScript has it.
    const source = this.groups[index]!.map((number) => `\\${number}`).join("");
    return fold === "none" ? source : `(?i:${source})`;
  }

  #assertion(node: Assertion, tail: boolean): string {
    switch (node.kind) {
      case "textStart":
        return "^";
      case "textEnd":
        return "$";
      case "lineStart":
        return "(?<![^\\n])";
      case "lineEnd":
        return "(?![^\\n])";
      case "finalEnd":
        if (!tail) return "(?=\\n?$)";
        this.newlines.push(++this.#groupCount);
        return "(\\n?)$";
      case "boundary":
        if (!this.#unicode || node.ascii) return "\\b";
        return `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;
      case "notBoundary":
        if (!this.#unicode || node.ascii) return "\\B";
        return `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`;
    }
  }

  #set(set: CharSet): string {
    return this.#unicode ? unicodeSet(set) : asciiSet(set);
  }
}

function quantifier(min: number, max: number, mode: Repeat["mode"]): string {
  if (min === max) return `{${min}}`;
  const lazy = mode === "lazy" ? "?" : "";
  if (min === 0 && max === 1) return `?${lazy}`;
  if (max === Infinity) return (min === 0 ? "*" : min === 1 ? "+" : `{${min},}`) + lazy;
  return `{${min},${max}}${lazy}`;
}

function optional(text: string, lazy: boolean): string {
  return lazy ? `(?:|${text})` : `(?:${text}|)`;
}

/** `text{min,max}` without a count. */
function writtenOut(text: string, min: number, max: number, lazy: boolean): string {
  const must = text.repeat(min);
  if (max === Infinity) return `${must}${text}*${lazy ? "?" : ""}`;
  let may = "";
  for (let i = min; i < max; i++) may = optional(text + may, lazy);
  return must + may;
}

const DIGITS = "0-9";
const WORDS = "0-9A-Z_a-z";

/** The set among ASCII characters, written from whichever side is shorter. */
function asciiSet(set: CharSet): string {
  const ranges = asciiRanges(set);
  const others = complement(ranges, LAST_ASCII);
  const single = onlyCharacter(ranges);
  if (single !== null) return literal(single);
  if (others.length === 0) return "[^]";
  const inside = rangesText(ranges);
  const outside = rangesText(others);
  const letters = named(inside);
  if (letters) return `\\${letters}`;
  const complementLetters = named(outside);
  if (complementLetters) return `\\${complementLetters.toUpperCase()}`;
  return others.length < ranges.length ? `[^${outside}]` : `[${inside}]`;
}

function named(text: string): string | null {
  return text === DIGITS ? "d" : text === WORDS ? "w" : null;
}

function unicodeSet(set: CharSet): string {
  const single = set.negated || set.categories.length > 0 ? null : onlyCharacter(set.ranges);
  if (single !== null) return literal(single);
  const members = rangesText(set.ranges) + set.categories.map(categoryText).join("");
  return `[${set.negated ? "^" : ""}${members}]`;
}

function categoryText(category: Category): string {
  const ranges = categoryRanges(category);
  const members = ranges ? rangesText(ranges) : category.kind === "digit" ? "\\p{Nd}" : "\\p{L}\\p{N}_";
  return category.negated ? `[^${members}]` : members;
}

function onlyCharacter(ranges: readonly Range[]): number | null {
  const [first] = ranges;
  return ranges.length === 1 && first && first[0] === first[1] ? first[0] : null;
}

function rangesText(ranges: readonly Range[]): string {
  return ranges
    .map(([low, high]) => {
      if (low === high) return member(low);
      return high === low + 1 ? member(low) + member(high) : `${member(low)}-${member(high)}`;
    })
    .join("");
}

/** A character inside a class. */
function member(codePoint: number): string {
  const char = String.fromCodePoint(codePoint);
  return /^[A-Za-z0-9_]$/.test(char) ? char : escaped(codePoint);
}

/** A character outside classes. */
function literal(codePoint: number): string {
  const char = String.fromCodePoint(codePoint);
  if (/^[A-Za-z0-9_ "#%&',:;<=>@`~!-]$/.test(char)) return char;
  return /^[$()*+./?[\\\]^{|}]$/.test(char) ? `\\${char}` : escaped(codePoint);
}

function escaped(codePoint: number): string {
  if (codePoint === 0x0a) return "\\n";
  if (codePoint <= 0xff) return `\\x${codePoint.toString(16).padStart(2, "0")}`;
  if (codePoint <= 0xffff) return `\\u${codePoint.toString(16).padStart(4, "0")}`;
  return `\\u{${codePoint.toString(16)}}`;
}
