import { reprString } from "../pyvalue/repr.ts";
import {
  type Assertion,
  type BackReference,
  type Category,
  type CharClass,
  EMPTY,
  type Node,
  type Pattern,
  type Range,
  type Repeat,
} from "./ast.ts";
import { type Escape, readClassEscape, readEscape } from "./escapes.ts";
import { applyFlags, type Flags, foldOf, isFlagLetter, readInlineFlags } from "./flags.ts";
import { Reader } from "./reader.ts";

/** Python's limit of a repetition count; larger ones are errors. */
const MAX_REPEAT = 2 ** 32 - 1;
const QUANTIFIERS = "*+?{";
const BLANK = /^[ \t\n\r\v\f]$/;

/** Where a part of a pattern begins and ends, in characters (code points). */
export type Place = readonly [start: number, end: number];

/**
 * Parses a Python 3.11 pattern. Throws {@link PyRegexError}.
 *
 * @param places is told where the items of sequences stand in the pattern
 */
export function parse(source: string, flags: Flags, places: Map<Node, Place> | null = null): Pattern {
  const first = new Parser(source, flags, places);
  const pattern = first.parsePattern();
  // A global (?x) changes how the text before and after it is read, so the pattern is read anew.
  return pattern ?? new Parser(source, { ...flags, verbose: true }, places).parsePattern()!;
}

class Parser {
  readonly #reader: Reader;
  readonly #places: Map<Node, Place> | null;
  #flags: Flags;
  /** Names of the groups opened so far; index i is group i + 1. */
  readonly #names: (string | null)[] = [];
  readonly #byName = new Map<string, number>();
  readonly #open = new Set<number>();
  /** Groups that conditionals test, with the place of the test. */
  readonly #tested = new Map<number, number>();
  /** Inside look-behind: number of groups before it. */
  #groupsBeforeLookBehind: number | null = null;
  #verboseFound = false;

  constructor(source: string, flags: Flags, places: Map<Node, Place> | null) {
    this.#reader = new Reader(source);
    this.#places = places;
    this.#flags = flags;
  }

  /** The pattern, or `null` when it must be read again with verbose syntax. */
  parsePattern(): Pattern | null {
    const reader = this.#reader;
    const root = this.#alternatives(true);
    if (this.#verboseFound) return null;
    if (reader.next !== null) throw reader.error("unbalanced parenthesis");
    for (const [index, position] of this.#tested) {
      if (index <= this.#names.length) continue;
      throw reader.error(`invalid group reference ${index}`, reader.position - position);
    }
    return { source: reader.pattern, root, groupCount: this.#names.length, groupNames: this.#names };
  }

  #alternatives(top: boolean): Node {
    const branches: Node[] = [];
    do {
      branches.push(this.#sequence(top && branches.length === 0));
      if (this.#verboseFound) return EMPTY;
    } while (this.#reader.accept("|"));
    return branches.length === 1 ? branches[0]! : { type: "alternation", branches };
  }

  /** Items up to `|`, `)` or the end. Global flags may stand at its begin when `globalFlags`. */
  #sequence(globalFlags: boolean): Node {
    const reader = this.#reader;
    const items: Node[] = [];
    let itemStart = reader.position;
    while (reader.next !== null && reader.next !== "|" && reader.next !== ")") {
      const start = reader.position;
      const token = reader.take()!;
      if (this.#flags.verbose && this.#skipBlank(token)) continue;
      if (token.length === 1 && QUANTIFIERS.includes(token)) {
        const { length } = items;
        this.#quantify(token, items);
        this.#places?.set(items.at(-1)!, [items.length > length ? start : itemStart, reader.position]);
        continue;
      }
      const item = token === "(" ? this.#group(globalFlags && items.length === 0) : this.#atom(token);
      if (this.#verboseFound) break;
      if (!item) continue;
      items.push(item);
      itemStart = start;
      this.#places?.set(item, [start, reader.position]);
    }
    return { type: "sequence", items };
  }

  #skipBlank(token: string): boolean {
    if (BLANK.test(token)) return true;
    if (token !== "#") return false;
    for (;;) {
      const skipped = this.#reader.take();
      if (skipped === null || skipped === "\n") return true;
    }
  }

  #atom(token: string): Node {
    if (token.startsWith("\\")) return this.#escaped(readEscape(this.#reader, token));
    if (token === "[") return this.#charClass();
    if (token === ".") return { type: "any", dotAll: this.#flags.dotAll };
    if (token === "^") return this.#assertion(this.#flags.multiline ? "lineStart" : "textStart");
    if (token === "$") return this.#assertion(this.#flags.multiline ? "lineEnd" : "finalEnd");
    return this.#char(token.codePointAt(0)!);
  }

  #char(codePoint: number): Node {
    return { type: "char", codePoint, fold: foldOf(this.#flags) };
  }

  #assertion(kind: Assertion["kind"]): Assertion {
    return { type: "assertion", kind, ascii: this.#flags.ascii };
  }

  #category(read: Escape & { type: "category" }): Category {
    return { kind: read.kind, negated: read.negated, ascii: this.#flags.ascii };
  }

  #escaped(read: Escape): Node {
    switch (read.type) {
      case "char":
        return this.#char(read.codePoint);
      case "category":
        return {
          type: "class",
          negated: false,
          ranges: [],
          categories: [this.#category(read)],
          fold: "none",
        };
      case "assertion":
        return this.#assertion(read.kind);
      case "reference":
        return this.#reference(read.index, read.length);
    }
  }

  #reference(index: number, length: number): BackReference {
    const reader = this.#reader;
    if (index > this.#names.length || index < 1) {
      throw reader.error(`invalid group reference ${index}`, length - 1);
    }
    this.#checkClosed(index, length);
    return { type: "backReference", index, fold: foldOf(this.#flags) };
  }

  #checkClosed(index: number, back: number): void {
    if (this.#open.has(index)) throw this.#reader.error("cannot refer to an open group", back);
    this.#checkLookBehind(index);
  }

  #checkLookBehind(index: number): void {
    if (this.#groupsBeforeLookBehind === null) return;
    if (this.#open.has(index) || index > this.#names.length) {
      throw this.#reader.error("cannot refer to an open group");
    }
    if (index <= this.#groupsBeforeLookBehind) return;
    throw this.#reader.error("cannot refer to group defined in the same lookbehind subpattern");
  }

  #charClass(): CharClass {
    const reader = this.#reader;
    const start = reader.position - 1;
    const ranges: Range[] = [];
    const categories: Category[] = [];
    const add = (read: Escape) => {
      if (read.type === "category") categories.push(this.#category(read));
      else if (read.type === "char") ranges.push([read.codePoint, read.codePoint]);
    };
    const member = (): [string, Escape] => {
      const token = reader.take();
      if (token === null) throw reader.error("unterminated character set", reader.position - start);
      if (token.startsWith("\\")) return [token, readClassEscape(reader, token)];
      return [token, { type: "char", codePoint: token.codePointAt(0)! }];
    };
    const negated = reader.accept("^");
    for (let first = true; ; first = false) {
      const [token, low] = member();
      if (token === "]" && !first) break;
      if (!reader.accept("-")) {
        add(low);
        continue;
      }
      const [endToken, high] = member();
      if (endToken === "]") {
        add(low);
        add({ type: "char", codePoint: 0x2d });
        break;
      }
      if (low.type !== "char" || high.type !== "char" || high.codePoint < low.codePoint) {
        const text = `${token}-${endToken}`;
        throw reader.error(`bad character range ${text}`, [...text].length);
      }
      ranges.push([low.codePoint, high.codePoint]);
    }
    return { type: "class", negated, ranges, categories, fold: foldOf(this.#flags) };
  }

  /** Reads the rest of a quantifier that begins with `token` and applies it to the last item. */
  #quantify(token: string, items: Node[]): void {
    const reader = this.#reader;
    const start = reader.position - 1;
    const limits = this.#limits(token, start);
    if (!limits) {
      items.push(this.#char(0x7b));
      return;
    }
    const body = items.at(-1);
    if (!body || body.type === "assertion") {
      throw reader.error("nothing to repeat", reader.position - start);
    }
    if (body.type === "repeat") throw reader.error("multiple repeat", reader.position - start);
    const mode: Repeat["mode"] = reader.accept("?") ? "lazy" : reader.accept("+") ? "possessive" : "greedy";
    items[items.length - 1] = { type: "repeat", ...limits, mode, body };
  }

  /** Least and most repetitions; `null` when a `{` turns out to be a literal. */
  #limits(token: string, start: number): { min: number; max: number } | null {
    if (token === "*") return { min: 0, max: Infinity };
    if (token === "+") return { min: 1, max: Infinity };
    if (token === "?") return { min: 0, max: 1 };
    const reader = this.#reader;
    if (reader.next === "}") return null;
    const low = reader.takeWhile(Infinity, /^[0-9]$/);
    const high = reader.accept(",") ? reader.takeWhile(Infinity, /^[0-9]$/) : low;
    if (!reader.accept("}")) {
      reader.seek(start + 1);
      return null;
    }
    const min = low === "" ? 0 : Number(low);
    const max = high === "" ? Infinity : Number(high);
    if (min >= MAX_REPEAT || (max !== Infinity && max >= MAX_REPEAT)) {
      throw reader.error("the repetition number is too large", reader.position - start);
    }
    if (max < min) throw reader.error("min repeat greater than max repeat", reader.position - start - 1);
    return { min, max };
  }

  /** Reads what follows `(`; `null` for what leaves nothing to match (comments, global flags). */
  #group(globalFlags: boolean): Node | null {
    const reader = this.#reader;
    const start = reader.position - 1;
    if (!reader.accept("?")) return this.#capture(null, start);
    const token = reader.take();
    if (token === null) throw reader.error("unexpected end of pattern");
    switch (token) {
      case ":":
        return this.#rest(start, this.#flags);
      case "P":
        return this.#pythonExtension(start);
      case "#":
        return this.#comment(start);
      case "(":
        return this.#conditional(start);
      case ">":
        return { type: "atomic", body: this.#rest(start, this.#flags) };
      case "=":
      case "!":
      case "<":
        return this.#look(token, start);
    }
    if (token !== "-" && !isFlagLetter(token)) {
      throw reader.error(`unknown extension ?${token}`, [...token].length + 1);
    }
    return this.#flagGroup(token, start, globalFlags);
  }

  #flagGroup(token: string, start: number, globalFlags: boolean): Node | null {
    const reader = this.#reader;
    const inline = readInlineFlags(reader, token);
    if (!inline.global) return this.#rest(start, applyFlags(this.#flags, inline));
    if (!globalFlags) {
      throw reader.error("global flags not at the start of the expression", reader.position - start);
    }
    const wasVerbose = this.#flags.verbose;
    this.#flags = applyFlags(this.#flags, inline);
    this.#verboseFound = this.#flags.verbose && !wasVerbose;
    return null;
  }

  /** The inside of a group up to its `)`, read with `flags`. */
  #rest(start: number, flags: Flags): Node {
    const outer = this.#flags;
    this.#flags = flags;
    const body = this.#alternatives(false);
    this.#close(start);
    this.#flags = outer;
    // Wrapped, so that a quantifier behind the group does not see a bare assertion or repeat.
    return { type: "sequence", items: [body] };
  }

  #close(start: number): void {
    const reader = this.#reader;
    if (reader.accept(")")) return;
    throw reader.error("missing ), unterminated subpattern", reader.position - start);
  }

  #capture(name: string | null, start: number): Node {
    const index = this.#names.push(name);
    if (name !== null) {
      const earlier = this.#byName.get(name);
      if (earlier !== undefined) {
        const reason = `redefinition of group name ${reprString(name)} as group ${index}; was group ${earlier}`;
        throw this.#reader.error(reason, [...name].length + 1);
      }
      this.#byName.set(name, index);
    }
    this.#open.add(index);
    const body = this.#rest(start, this.#flags);
    this.#open.delete(index);
    return { type: "capture", index, body };
  }

  #pythonExtension(start: number): Node {
    const reader = this.#reader;
    if (reader.accept("<")) {
      const name = reader.takeUntil(">", "group name");
      this.#checkName(name);
      return this.#capture(name, start);
    }
    if (reader.accept("=")) {
      const name = reader.takeUntil(")", "group name");
      this.#checkName(name);
      const index = this.#indexOf(name);
      this.#checkClosed(index, [...name].length + 1);
      return { type: "backReference", index, fold: foldOf(this.#flags) };
    }
    const token = reader.take();
    if (token === null) throw reader.error("unexpected end of pattern");
    throw reader.error(`unknown extension ?P${token}`, [...token].length + 2);
  }

  #comment(start: number): null {
    const reader = this.#reader;
    for (;;) {
      const token = reader.take();
      if (token === null) throw reader.error("missing ), unterminated comment", reader.position - start);
      if (token === ")") return null;
    }
  }

  #look(token: string, start: number): Node {
    const reader = this.#reader;
    const behind = token === "<";
    const sign = behind ? reader.take() : token;
    if (sign === null) throw reader.error("unexpected end of pattern");
    if (sign !== "=" && sign !== "!") {
      throw reader.error(`unknown extension ?<${sign}`, [...sign].length + 2);
    }
    const outer = this.#groupsBeforeLookBehind;
    if (behind && outer === null) this.#groupsBeforeLookBehind = this.#names.length;
    const body = this.#rest(start, this.#flags);
    if (behind) this.#groupsBeforeLookBehind = outer;
    return { type: "look", behind, negated: sign === "!", body, position: start };
  }

  #conditional(start: number): Node {
    const reader = this.#reader;
    const name = reader.takeUntil(")", "group name");
    const index = this.#conditionGroup(name);
    this.#checkLookBehind(index);
    const yes = this.#sequence(false);
    const no = reader.accept("|") ? this.#sequence(false) : EMPTY;
    if (reader.next === "|") throw reader.error("conditional backref with more than two branches");
    this.#close(start);
    return { type: "conditional", index, yes, no };
  }

  #conditionGroup(name: string): number {
    const reader = this.#reader;
    const back = [...name].length + 1;
    if (!/^[0-9]+$/.test(name)) {
      this.#checkName(name);
      return this.#indexOf(name);
    }
    const index = Number(name);
    if (index === 0) throw reader.error("bad group number", back);
    if (index >= MAX_REPEAT) throw reader.error(`invalid group reference ${index}`, back);
    if (!this.#tested.has(index)) this.#tested.set(index, reader.position - back);
    return index;
  }

  #checkName(name: string): void {
    if (/^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(name.normalize("NFKC"))) return;
    throw this.#reader.error(`bad character in group name ${reprString(name)}`, [...name].length + 1);
  }

  #indexOf(name: string): number {
    const index = this.#byName.get(name);
    if (index !== undefined) return index;
    throw this.#reader.error(`unknown group name ${reprString(name)}`, [...name].length + 1);
  }
}
