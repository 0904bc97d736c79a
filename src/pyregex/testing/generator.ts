import type { Random } from "./random.ts";

const LITERALS = [
  "a",
  "b",
  "c",
  "A",
  "1",
  " ",
  "-",
  "\\.",
  "\\-",
  "\\n",
  "\\x41",
  "é",
  "ſ",
  "K",
  "ß",
  "😀",
  ",",
  "_",
];
const CLASSES = [
  "[ab]",
  "[^a]",
  "[a-c]",
  "[]a]",
  "[^]a]",
  "[\\w-]",
  "[^\\W\\d]",
  "[\\S]",
  "[^\\s]",
  "[é-ü]",
  "[A-Zſ]",
  "[^😀]",
  "[\\D]",
  "[a\\]b]",
];
const CATEGORIES = ["\\w", "\\W", "\\d", "\\D", "\\s", "\\S", "."];
const ASSERTIONS = ["^", "$", "\\A", "\\Z", "\\b", "\\B"];
const QUANTIFIERS = ["*", "+", "?", "{2}", "{,2}", "{1,}", "{1,3}", "{0,2}"];
const SCOPED = ["i", "s", "m", "-i", "i-s", "a", "u", "x"];
const SUBJECT = [
  "a",
  "b",
  "c",
  "A",
  "B",
  "1",
  " ",
  "-",
  "\n",
  ".",
  "_",
  ",",
  "é",
  "É",
  "s",
  "S",
  "ſ",
  "k",
  "K",
  "ß",
  "😀",
  "\x1c",
  "٣",
  "\r",
];
const ASCII_SUBJECT = ["a", "a", "b", "b", "c", "A", "1", " ", "-", "\n", ",", "\x1c"];
/** What broken patterns are made of. */
const SCRAPS = [
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  "*",
  "+",
  "?",
  "|",
  "\\",
  "^",
  "$",
  ".",
  "-",
  ":",
  "=",
  "!",
  "<",
  ">",
  "P",
  "#",
  ",",
  "1",
  "2",
  "0",
  "8",
  "a",
  "b",
  "i",
  "x",
  "L",
  "q",
  "\\1",
  "\\8",
  "\\x",
  "\\u12",
  "\\777",
  "(?",
  "(?P<",
  "(?P=",
  "(?(",
  "(?<",
  "(?:",
  "(?i",
  "(?-",
  "(?i)",
  "{1,2}",
  "{2,1}",
  "n>",
  "(?P<n>",
  "[a",
  "[^",
  "é",
  "\n",
  "\\Z",
  "\\q",
  "(?#",
];

/** Writes random patterns from Python's grammar. */
export class PatternGenerator {
  readonly #random: Random;
  #groups = 0;
  /** Groups closed so far, which can be referred to. */
  #closed: number[] = [];
  #lookBehind = false;
  #negated = false;
  #possessive = false;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A pattern that is valid, or nearly always is. */
  pattern(): string {
    this.#groups = 0;
    this.#closed = [];
    const random = this.#random;
    const flags = random.oneIn(5) ? `(?${random.pick(["i", "m", "s", "x", "a", "im", "ia"])})` : "";
    return flags + this.#alternation(3);
  }

  /** Scraps of syntax, nearly always invalid. */
  garbage(): string {
    let text = "";
    for (let i = this.#random.below(6) + 1; i > 0; i--) text += this.#random.pick(SCRAPS);
    return text;
  }

  /** A text to search in. */
  subject(): string {
    const characters = this.#random.oneIn(3) ? SUBJECT : ASCII_SUBJECT;
    let text = "";
    for (let i = this.#random.below(9); i > 0; i--) text += this.#random.pick(characters);
    return this.#random.oneIn(3) ? `${text}\n` : text;
  }

  #alternation(depth: number): string {
    const count = this.#random.oneIn(3) ? 2 + this.#random.below(2) : 1;
    return Array.from({ length: count }, () => this.#sequence(depth)).join("|");
  }

  #sequence(depth: number): string {
    let text = "";
    for (let i = this.#random.below(4) + (this.#random.oneIn(8) ? 0 : 1); i > 0; i--)
      text += this.#item(depth);
    return text;
  }

  #item(depth: number): string {
    const random = this.#random;
    if (random.oneIn(9)) return random.pick(ASSERTIONS);
    const quantified = random.oneIn(3);
    if (!quantified) return this.#atom(depth);
    const possessive = random.oneIn(8);
    const outer = this.#possessive;
    // Python 3.11 mixes up captures inside possessive loops.
    this.#possessive ||= possessive;
    const atom = this.#atom(depth);
    this.#possessive = outer;
    if (this.#lookBehind) return `${atom}{2}`;
    const mode = possessive ? "+" : random.oneIn(4) ? "?" : "";
    return atom + random.pick(QUANTIFIERS) + mode;
  }

  #atom(depth: number): string {
    const random = this.#random;
    if (depth <= 0 || random.oneIn(2)) return this.#leaf();
    const inner = depth - 1;
    switch (random.below(9)) {
      case 0:
      case 1:
      case 2:
        return this.#capture(inner);
      case 3:
        return `(?:${this.#alternation(inner)})`;
      case 4:
        return `(?${random.pick(SCOPED)}:${this.#alternation(inner)})`;
      case 5:
        return this.#lookAround(inner);
      case 6:
        return `(?>${this.#alternation(inner)})`;
      case 7:
        return this.#conditional(inner);
      default:
        return random.oneIn(2) ? `(?#note)${this.#leaf()}` : this.#leaf();
    }
  }

  #leaf(): string {
    const random = this.#random;
    if (this.#closed.length > 0 && random.oneIn(5)) return `\\${random.pick(this.#closed)}`;
    const kind = random.below(8);
    if (kind < 5) return random.pick(LITERALS);
    return kind < 7 ? random.pick(CATEGORIES) : random.pick(CLASSES);
  }

  #capture(depth: number): string {
    if (this.#negated || this.#possessive) return `(?:${this.#alternation(depth)})`;
    const number = ++this.#groups;
    const name = this.#random.oneIn(3) ? `?P<g${number}>` : "";
    const body = this.#alternation(depth);
    this.#closed.push(number);
    return `(${name}${body})`;
  }

  #lookAround(depth: number): string {
    const kind = this.#random.pick(["=", "!", "<=", "<!"]);
    const outer = { negated: this.#negated, lookBehind: this.#lookBehind, closed: this.#closed };
    this.#negated ||= kind.endsWith("!");
    this.#lookBehind ||= kind.startsWith("<");
    if (this.#lookBehind) this.#closed = [];
    const body = this.#lookBehind ? this.#sequence(depth) : this.#alternation(depth);
    this.#negated = outer.negated;
    this.#lookBehind = outer.lookBehind;
    if (outer.closed !== this.#closed) this.#closed = [...outer.closed, ...this.#closed];
    return `(?${kind}${body})`;
  }

  #conditional(depth: number): string {
    if (this.#groups === 0 || this.#lookBehind) return this.#leaf();
    const group = 1 + this.#random.below(this.#groups);
    const no = this.#random.oneIn(3) ? "" : `|${this.#sequence(depth)}`;
    return `(?(${group})${this.#sequence(depth)}${no})`;
  }
}
