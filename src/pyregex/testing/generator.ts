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
  "i",
  "ı",
  "İ",
  "µ",
  "ς",
  "Σ",
  "ǅ",
  "ϴ",
  "Ω",
  "ﬅ",
  "𐐀",
  "\\u0041",
  "\\101",
  "\\012",
  "\\ ",
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
  "[A-Z]",
  "[^k]",
  "[i-k]",
  "[Α-Ω]",
  "[^ı]",
  "[ #]",
  "[\\b-]",
  "[\\101-\\103]",
  "[\\w\\W]",
];
/** Loops round these are ended by their empty iterations. */
const EMPTY_BODIES = ["(?:)", "(?:|a)", "(?:a|)", "(?:a?)", "(?:^)", "(?:$)", "(?=a)", "(?:\\b)"];
const LOOK_BEHINDS = ["a|b", "ab|cd", "\\w\\s|..", "^a|a$", "\\n|."];
/** What does not count in a verbose pattern. */
const BLANKS = [" ", "\t", "\n", " # c)]*\n", "\f\r"];
const CATEGORIES = ["\\w", "\\W", "\\d", "\\D", "\\s", "\\S", "."];
const ASSERTIONS = ["^", "$", "\\A", "\\Z", "\\b", "\\B"];
const QUANTIFIERS = ["*", "+", "?", "{2}", "{,2}", "{1,}", "{1,3}", "{0,2}", "{0}", "{,}", "{,65536}"];
const SCOPED = ["i", "s", "m", "-i", "i-s", "a", "u", "x", "ix", "-x", "imsx"];
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
  "i",
  "ı",
  "İ",
  "μ",
  "σ",
  "ς",
  "ǆ",
  "θ",
  "ω",
  "ﬆ",
  "𐐨",
  "\u2028",
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
  #verbose = false;
  /** Groups with names. */
  readonly #named = new Set<number>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** A pattern that is valid, or nearly always is. */
  pattern(): string {
    this.#groups = 0;
    this.#closed = [];
    this.#named.clear();
    const random = this.#random;
    const letters = random.oneIn(4) ? random.pick(["i", "m", "s", "x", "a", "im", "ia", "ix"]) : "";
    this.#verbose = letters.includes("x");
    return (letters && `(?${letters})`) + this.#alternation(3);
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
    let text = this.#blank();
    for (let i = this.#random.below(4) + (this.#random.oneIn(8) ? 0 : 1); i > 0; i--)
      text += this.#item(depth) + this.#blank();
    return text;
  }

  #blank(): string {
    return this.#verbose && this.#random.oneIn(3) ? this.#random.pick(BLANKS) : "";
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
    if (random.oneIn(12)) return random.pick(EMPTY_BODIES) + random.pick(QUANTIFIERS) + mode;
    return atom + this.#blank() + random.pick(QUANTIFIERS) + mode;
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
        return this.#scoped(inner);
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
    if (this.#closed.length > 0 && random.oneIn(5)) return this.#reference(random.pick(this.#closed));
    const kind = random.below(8);
    if (kind < 5) return random.pick(LITERALS);
    return kind < 7 ? random.pick(CATEGORIES) : random.pick(CLASSES);
  }

  #reference(group: number): string {
    return this.#named.has(group) && this.#random.oneIn(2) ? `(?P=g${group})` : `(?:\\${group})`;
  }

  #scoped(depth: number): string {
    const letters = this.#random.pick(SCOPED);
    const outer = this.#verbose;
    if (letters.includes("x")) this.#verbose = !letters.includes("-");
    const body = this.#alternation(depth);
    this.#verbose = outer;
    return `(?${letters}:${body})`;
  }

  #capture(depth: number): string {
    if (this.#negated || this.#possessive) return `(?:${this.#alternation(depth)})`;
    const number = ++this.#groups;
    const isNamed = this.#random.oneIn(3);
    if (isNamed) this.#named.add(number);
    const name = isNamed ? `?P<g${number}>` : "";
    const body = this.#alternation(depth);
    this.#closed.push(number);
    return `(${name}${body})`;
  }

  #lookAround(depth: number): string {
    const kind = this.#random.pick(["=", "!", "<=", "<!"]);
    const outer = { negated: this.#negated, lookBehind: this.#lookBehind, closed: this.#closed };
    this.#negated ||= kind.endsWith("!");
    this.#lookBehind ||= kind.startsWith("<");
    if (this.#lookBehind && this.#random.oneIn(4)) {
      this.#negated = outer.negated;
      this.#lookBehind = outer.lookBehind;
      return `(?${kind}(?:${this.#random.pick(LOOK_BEHINDS)}))`;
    }
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
    const test = this.#named.has(group) && this.#random.oneIn(2) ? `g${group}` : group;
    return `(?(${test})${this.#sequence(depth)}${no})`;
  }
}
