import type { Node } from "../pyregex/ast.ts";
import { compile, type PyMatch, type PyRegex } from "../pyregex/compile.ts";
import { MEANINGFUL_GROUPS } from "./captured.ts";
import { ExpressionScanner } from "./expression-scanner.ts";
import type { FailureData, FailureValue } from "./failure.ts";
import { firstCharacters } from "./first-characters.ts";
import { DerivedGroups } from "./groups.ts";
import { RegexError } from "./regex-error.ts";
import { beginnings, type Requirement, requiredTexts } from "./required-texts.ts";
import { expandTags, scopeInlineFlags, type UseDns } from "./tags.ts";

/** One failregex, ignoreregex or prefregex, ready for use. */
export class Expression {
  /** The expression as it was given, with its tags. */
  readonly written: string;
  /** The expression with its tags replaced. */
  readonly text: string;
  /** Names of its groups, in the order of the expression. */
  readonly groupNames: readonly string[];
  /** Whether it has a group `content`, which takes the place of the text for other expressions. */
  readonly hasContent: boolean;
  /** The content, if any, reaches to the end of each match. */
  readonly endsWithContent: boolean;
  readonly #regex: PyRegex;
  readonly #derived: DerivedGroups;
  readonly #mayHaveHead: boolean;
  // `undefined`: not worked out yet. Nothing of it is needed before there are lines.
  #required: readonly Requirement[] | undefined;
  #firstCharacters: ReadonlySet<number> | null | undefined;
  #beginnings: readonly string[] | null | undefined;
  #headRegex: PyRegex | null | undefined;
  /** `undefined`: not made yet. */
  #scanner: ExpressionScanner | null | undefined = undefined;
  /** Numbers of the named groups. */
  readonly #groupNumbers: readonly number[];
  /** The groups that mean something: which of {@link MEANINGFUL_GROUPS} they are, and their numbers. */
  readonly #meanings: readonly number[];
  readonly #meaningful: readonly number[];

  /**
   * @param written the expression with tags
   * @param options `multiline`: `^` and `$` match at every line
   * @throws {RegexError} when the expression is empty or not valid
   */
  constructor(written: string, options: { useDns: UseDns; multiline?: boolean }) {
    if (written.trimStart() === "") throw new RegexError("Cannot add empty regex");
    this.written = written;
    this.text = scopeInlineFlags(expandTags(written, options.useDns));
    const multiline = options.multiline ?? false;
    try {
      this.#regex = compile(this.text, { multiline });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new RegexError(`Unable to compile regular expression '${this.text}':\n${reason}`);
    }
    const names = this.#regex.groupNames;
    this.groupNames = names.filter((name) => name !== null);
    this.#groupNumbers = this.groupNames.map((name) => names.indexOf(name) + 1);
    const named = MEANINGFUL_GROUPS.map((name) => names.indexOf(name) + 1);
    this.#meanings = named.flatMap((number, meaning) => (number === 0 ? [] : [meaning]));
    this.#meaningful = named.filter((number) => number !== 0);
    this.hasContent = this.groupNames.includes("content");
    this.endsWithContent = isLast(this.#regex.tree, names.indexOf("content") + 1);
    this.#mayHaveHead = this.endsWithContent && !multiline;
    this.#derived = new DerivedGroups(this.groupNames);
  }

  /** What a text must contain to be matched. */
  get required(): readonly Requirement[] {
    this.#required ??= requiredTexts(this.#regex.tree);
    return this.#required;
  }

  /** ASCII characters that a matched text can begin with; `null` when it may be any. */
  get firstCharacters(): ReadonlySet<number> | null {
    if (this.#firstCharacters === undefined) this.#firstCharacters = firstCharacters(this.#regex.tree);
    return this.#firstCharacters;
  }

  /** Texts of which every matched text begins with one; `null` when there are none, or many. */
  get beginnings(): readonly string[] | null {
    if (this.#beginnings === undefined) this.#beginnings = beginnings(this.#regex.tree);
    return this.#beginnings;
  }

  /** Works out now what the first line takes. */
  prepare(): void {
    this.#regex.prepare();
    this.#head?.prepare();
  }

  /** The expression up to the first character of a content that is the rest of the line; `null`: it is not. */
  get #head(): PyRegex | null {
    if (this.#headRegex === undefined) this.#headRegex = this.#mayHaveHead ? headOf(this.text) : null;
    return this.#headRegex;
  }

  /**
   * Searches a text of one or more lines, each with its newline.
   *
   * @param isAscii the text is known to be pure ASCII
   */
  search(text: string, isAscii = false): PyMatch | null {
    return isAscii ? this.#regex.searchAscii(text) : this.#regex.search(text);
  }

  /** Whether {@link search} would find a match: cheaper, when nothing else is asked. */
  matches(text: string, isAscii = false): boolean {
    const regex = this.hasHead(text) ? this.#head! : this.#regex;
    return isAscii ? regex.testAscii(text) : regex.search(text) !== null;
  }

  /** Whether {@link searchHead} can be used: the content is the rest of this text, which is one line with its newline. */
  hasHead(text: string): boolean {
    return this.#head !== null && text.indexOf("\n") === text.length - 1;
  }

  /**
   * As {@link search}, but the match ends behind the first character of the content, and so does its group: the rest
   * of the line need not be looked at.
   */
  searchHead(text: string, isAscii = false): PyMatch | null {
    return isAscii ? this.#head!.searchAscii(text) : this.#head!.search(text);
  }

  /** The expression for the bytes of blocks of lines, one of which it is given at a time; `null`: there is none. */
  get scanner(): ExpressionScanner | null {
    if (this.#scanner === undefined) this.#scanner = this.#makeScanner();
    return this.#scanner;
  }

  #makeScanner(): ExpressionScanner | null {
    const content = this.hasContent ? [this.#groupNumbers[this.groupNames.indexOf("content")]!] : [];
    const matcher = (this.#head ?? this.#regex).byteMatcher([...this.#meaningful, ...content]);
    if (!matcher) return null;
    const kind = !this.hasContent ? "none" : this.#head ? "rest of line" : "part";
    return new ExpressionScanner(matcher, this.#meanings, kind, this.#derived.isEmpty);
  }

  /**
   * Puts what the meaningful groups captured, or took over from others, at their places in {@link MEANINGFUL_GROUPS}.
   * Where they captured nothing, what was there stays.
   */
  addMeaning(match: PyMatch, to: FailureValue[]): void {
    if (!this.#derived.isEmpty) {
      this.#addDerivedMeaning(match, to);
      return;
    }
    for (let i = 0; i < this.#meanings.length; i++) {
      const value = match.group(this.#meaningful[i]!);
      if (value !== null) to[this.#meanings[i]!] = value;
    }
  }

  #addDerivedMeaning(match: PyMatch, to: FailureValue[]): void {
    const data = this.#withDerived(match);
    for (const [meaning, name] of MEANINGFUL_GROUPS.entries()) {
      const value = data[name] ?? null;
      if (value !== null) to[meaning] = value;
    }
  }

  /**
   * What a match captured, by name, derived groups included; `null` for groups that took no part.
   *
   * @param inherited captures to start with; of those that took part in this match the values are replaced
   */
  groups(match: PyMatch, inherited?: FailureData): FailureData {
    if (!this.#derived.isEmpty) return this.#withDerived(match, inherited);
    const data: FailureData = inherited ? { ...inherited } : {};
    for (let i = 0; i < this.groupNames.length; i++) {
      const value = match.group(this.#groupNumbers[i]!);
      if (value !== null || !inherited) data[this.groupNames[i]!] = value;
    }
    return data;
  }

  /** As {@link groups}, without the content, which is only another text to search. */
  groupsBesideContent(match: PyMatch): FailureData {
    if (!this.#derived.isEmpty) {
      const data = this.#withDerived(match);
      delete data["content"];
      return data;
    }
    const data: FailureData = {};
    for (let i = 0; i < this.groupNames.length; i++) {
      const name = this.groupNames[i]!;
      if (name !== "content") data[name] = match.group(this.#groupNumbers[i]!);
    }
    return data;
  }

  #withDerived(match: PyMatch, inherited?: FailureData): FailureData {
    const data: FailureData = match.groupDict();
    this.#derived.apply(data);
    if (!inherited) return data;
    const merged: FailureData = { ...inherited };
    for (const name in data) if (data[name] !== null) merged[name] = data[name]!;
    return merged;
  }

  /** Texts of the lines that `<SKIPLINES>` passed over. */
  skippedLines(match: PyMatch): readonly string[] {
    return this.groupNames
      .filter((name) => SKIPPED.test(name))
      .map((name) => match.group(name))
      .filter((text) => text !== null && text !== undefined);
  }
}

/** Whether a match ends where this group does. */
function isLast(root: Node, group: number): boolean {
  if (root.type !== "sequence") return root.type === "capture" && root.index === group;
  const last = root.items.findLast((item) => item.type !== "assertion");
  return last !== undefined && isLast(last, group);
}

/** A content that is the rest of a line of one character or more. */
const REST = "(?P<content>.+)$";
const ANY_NEWLINE = /\(\?[a-zA-Z]*s/;

/**
 * The expression without looking at the rest of the line: in a text of one line, which ends with a newline, there is
 * such a rest wherever there is one character of it.
 */
function headOf(text: string): PyRegex | null {
  // Where points match newlines, too, the rest is another one.
  return text.endsWith(REST) && !ANY_NEWLINE.test(text)
    ? compile(`${text.slice(0, -REST.length)}(?P<content>.)`)
    : null;
}

const SKIPPED = /^skiplines\d+$/;

/** Groups of which a failregex, or the prefregex before it, must have one. */
const IDENTIFYING = ["fid", "ip4", "ip6", "dns", "mlfid"];

/** @throws {RegexError} when neither expression says whom a failure is about */
export function requireIdentifier(failRegex: Expression, prefRegex: Expression | null): void {
  const names = [...failRegex.groupNames, ...(prefRegex?.groupNames ?? [])];
  if (names.some((name) => IDENTIFYING.includes(name))) return;
  throw new RegexError(`No failure-id group in '${failRegex.text}'`);
}
