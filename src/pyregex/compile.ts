import { isAscii } from "./ascii.ts";
import type { Node } from "./ast.ts";
import { ByteMatcher } from "./byte-matcher.ts";
import { requiredLiterals } from "./literals.ts";
import { checkLookBehind } from "./look-behind.ts";
import { Machine, type MatchKind } from "./machine.ts";
import { EngineMatch, GroupTable, LazyMatch, type PyMatch, SpanMatch } from "./match.ts";
import { parse } from "./parser.ts";
import { keepsCaptures, type Plan, planFor } from "./plan.ts";
import { assemble } from "./program.ts";
import { simplify } from "./simplify.ts";
import { Variant, type VariantOptions } from "./variant.ts";

export { type ByteMatcher, type ByteResult, FOUND, NOTHING, UNDECIDED } from "./byte-matcher.ts";
export type { PyMatch } from "./match.ts";

/** Flags of the whole expression; `(?i)` and its kin at its start do the same. */
export interface CompileOptions {
  readonly ignoreCase?: boolean;
  /** `^` and `$` match at every line. */
  readonly multiline?: boolean;
  /** `.` matches newlines too. */
  readonly dotAll?: boolean;
  /** Blanks and comments in the pattern do not count. */
  readonly verbose?: boolean;
  /** `\w`, `\d`, `\s`, `\b` and ignored case concern ASCII characters only. */
  readonly ascii?: boolean;
  /** Steps that the fallback matcher may take in one call; 5 million if not given. */
  readonly stepLimit?: number;
}

const DEFAULT_STEP_LIMIT = 5_000_000;

/**
 * Compiles a Python 3.11 regular expression.
 *
 * @throws PyRegexError for what Python refuses, and for `\N{…}`
 * @example compile(String.raw`^x (?P<n>\d+)$`).search("x 12\n")?.group("n") // "12"
 */
export function compile(pattern: string, options: CompileOptions = {}): PyRegex {
  return new PyRegex(pattern, options);
}

/**
 * A compiled Python regular expression. Whether it is valid is known at once; what matching takes is worked out when it
 * is first needed, which takes ten times as long.
 */
export class PyRegex {
  readonly pattern: string;
  /** The pattern as it was read. */
  readonly tree: Node;
  readonly #table: GroupTable;
  readonly #stepLimit: number;
  readonly #variants = new Map<number, Variant | null>();
  #simplified: Node | null = null;
  #planned: Plan | null = null;
  #captures: boolean | null = null;
  #literals: readonly string[] | null | undefined;
  #asciiSearch: Variant | null | undefined;
  #machine: Machine | null = null;

  /** Use {@link compile}. */
  constructor(pattern: string, options: CompileOptions) {
    const parsed = parse(pattern, {
      ignoreCase: options.ignoreCase ?? false,
      multiline: options.multiline ?? false,
      dotAll: options.dotAll ?? false,
      verbose: options.verbose ?? false,
      ascii: options.ascii ?? false,
    });
    checkLookBehind(parsed);
    this.pattern = pattern;
    this.#table = new GroupTable(parsed.groupNames);
    this.tree = parsed.root;
    this.#stepLimit = options.stepLimit ?? DEFAULT_STEP_LIMIT;
  }

  /**
   * Substrings of which every text that matches holds at least one (case matters); `null` when none can be
   * derived. The most selective set that the pattern offers.
   */
  get requiredLiterals(): readonly string[] | null {
    if (this.#literals === undefined) this.#literals = requiredLiterals(this.#root);
    return this.#literals;
  }

  /** Works out now what the first search of an ASCII text takes. */
  prepare(): void {
    this.#ascii();
  }

  /** Number of capture groups. */
  get groupCount(): number {
    return this.#table.count;
  }

  /** Name of group `i + 1`, or `null`. */
  get groupNames(): readonly (string | null)[] {
    return this.#table.names;
  }

  /** Number of each named group. */
  get groupIndex(): ReadonlyMap<string, number> {
    return this.#table.byName;
  }

  /** The ECMAScript source for ASCII texts, for diagnostics; says so when the fallback matcher does the work. */
  get translated(): string {
    const variant = this.#ascii();
    const source = variant?.printed.source ?? "(matched by the fallback matcher)";
    return variant && !this.#keepsCaptures ? `${source} (captures by the fallback matcher)` : source;
  }

  /** True when the engine's RegExp alone does the work on ASCII texts. */
  get isNative(): boolean {
    return this.#ascii() !== null && this.#keepsCaptures;
  }

  /**
   * The first match in `text`. `start` is where the search begins: `^`, `\b` and look-behind see the text
   * before it. `end` acts as the end of the text.
   *
   * @throws PyRegexBudgetError when the fallback matcher takes too many steps
   */
  search(text: string, start = 0, end = text.length): PyMatch | null {
    return this.#find("search", text, start, end);
  }

  /** {@link search} in a whole text that is known to be pure ASCII: saves looking for other characters. */
  searchAscii(text: string): PyMatch | null {
    const variant = this.#ascii();
    if (!variant || (text === "" && this.#plan.emptyTextDiffers)) return this.#byMachine("search", text, 0);
    const found = variant.search(text, 0);
    return found && this.#matchOf("search", variant, text, found);
  }

  /** Whether {@link searchAscii} finds a match. */
  testAscii(text: string): boolean {
    const variant = this.#ascii();
    if (!variant || (text === "" && this.#plan.emptyTextDiffers)) {
      return this.#byMachine("search", text, 0) !== null;
    }
    return variant.test(text);
  }

  /**
   * A new matcher that does what {@link search} does, in the bytes of pure ASCII texts; `null` when the pattern is not
   * one for it. Worth its price where many texts are searched.
   *
   * @param groups numbers of the groups whose places it is to tell
   */
  byteMatcher(groups: readonly number[]): ByteMatcher | null {
    return ByteMatcher.for(this.#plan.printable ?? this.#root, groups);
  }

  /** The match that begins exactly at `start`. Otherwise as {@link search}. */
  match(text: string, start = 0, end = text.length): PyMatch | null {
    return this.#find("match", text, start, end);
  }

  /** The match that covers everything from `start` to `end`. Otherwise as {@link search}. */
  fullmatch(text: string, start = 0, end = text.length): PyMatch | null {
    return this.#find("fullmatch", text, start, end);
  }

  #find(kind: MatchKind, text: string, start: number, end: number): PyMatch | null {
    const limited = end < text.length ? text.slice(0, Math.max(0, end)) : text;
    const from = Math.min(Math.max(0, start), text.length);
    if (from > limited.length) return null;
    const variant = this.#variantFor(kind, limited);
    if (!variant) return this.#byMachine(kind, limited, from);
    const found = kind === "search" ? variant.search(limited, from) : variant.match(limited, from);
    return found && this.#matchOf(kind, variant, limited, found);
  }

  #matchOf(kind: MatchKind, variant: Variant, text: string, found: RegExpExecArray): PyMatch {
    if (this.#keepsCaptures) return new EngineMatch(this.#table, variant, text, found);
    const place = found.index;
    return new LazyMatch(text, place, variant.endOf(found), () => {
      return this.#byMachine(kind === "fullmatch" ? kind : "match", text, place)!;
    });
  }

  #byMachine(kind: MatchKind, text: string, start: number): PyMatch | null {
    this.#machine ??= new Machine(assemble(this.#root, this.#table.count), this.pattern, this.#stepLimit);
    const spans = this.#machine.run(text, start, kind);
    return spans && new SpanMatch(this.#table, text, spans);
  }

  #variantFor(kind: MatchKind, text: string): Variant | null {
    if (this.#plan.emptyTextDiffers && text === "") return null;
    const unicode = !isAscii(text);
    if (kind === "search" && !unicode) return this.#ascii();
    return this.#variant({ unicode, whole: kind === "fullmatch" });
  }

  get #root(): Node {
    this.#simplified ??= simplify(this.tree);
    return this.#simplified;
  }

  get #plan(): Plan {
    this.#planned ??= planFor(this.#root);
    return this.#planned;
  }

  /** Whether the captures of the engine's RegExp are Python's. */
  get #keepsCaptures(): boolean {
    if (this.#captures === null) {
      const { printable } = this.#plan;
      this.#captures = printable !== null && keepsCaptures(printable);
    }
    return this.#captures;
  }

  /** The compilation that is needed most, by far. */
  #ascii(): Variant | null {
    if (this.#asciiSearch === undefined) {
      this.#asciiSearch = this.#variant({ unicode: false, whole: false });
    }
    return this.#asciiSearch;
  }

  /** The compilation wanted; `null` when the machine must do. */
  #variant(options: VariantOptions): Variant | null {
    const key = (options.unicode ? 1 : 0) + (options.whole ? 2 : 0);
    const known = this.#variants.get(key);
    if (known !== undefined) return known;
    const variant = this.#compileVariant(options);
    this.#variants.set(key, variant);
    return variant;
  }

  #compileVariant(options: VariantOptions): Variant | null {
    const { printable, beyondAscii } = this.#plan;
    if (!printable || (options.unicode && !beyondAscii)) return null;
    try {
      return new Variant(printable, this.#table.count, options);
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }
}
