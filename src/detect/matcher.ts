import type { PyMatch } from "../pyregex/compile.ts";
import type { BlockBytes } from "./block-bytes.ts";
import type { DatedLine } from "./dated-line.ts";
import { Dispatch } from "./dispatch.ts";
import type { Expression } from "./expression.ts";
import type { FailureData } from "./failure.ts";
import { type Hit, noMeaning, TextHit } from "./hit.ts";
import { type LineParts, searchedText, splitBuffer } from "./line-buffer.ts";
import { LineScan } from "./line-scan.ts";
import { type Ignored, type LineOutcome, NO_HITS, NONE_IGNORED, SingleHit } from "./outcome.ts";

/** What a matcher works with. */
export interface MatcherOptions {
  readonly prefRegex: Expression | null;
  readonly failRegexes: readonly Expression[];
  readonly ignoreRegexes: readonly Expression[];
  /** Number of lines that the expressions see at a time. */
  readonly maxLines: number;
  /** Try all failregexes, not only up to the first that matches. */
  readonly everyRegex: boolean;
  /** A match in a line without any time does not count. */
  readonly timeRequired: boolean;
  /** Report what the prefregex captured. */
  readonly wantPrefGroups: boolean;
}

/** Tells whether an expression is not to be tried. */
export type LeaveOut = (expression: Expression) => boolean;

/** The memory of a filter whose expressions see one line at a time, and of a new one. */
export const NO_LINES: readonly LineParts[] = [];

/** Applies the expressions of a filter to dated lines. */
export class Matcher {
  readonly #options: MatcherOptions;
  readonly #dispatch: Dispatch;
  readonly #ignoreFirst: boolean;
  /** `null`: lines cannot be scanned. */
  readonly #scan: LineScan | null;
  /** The expression at work, so that one that is cut off can be named. */
  current: Expression | null = null;
  /** The lines to be remembered after the last call. */
  memory: readonly LineParts[] = NO_LINES;
  /** The prefregex matched in the last call. */
  prefixMatched = false;
  #isAscii = false;
  #isPrepared = false;

  constructor(options: MatcherOptions) {
    this.#options = options;
    this.#dispatch = new Dispatch(options.failRegexes);
    const { failRegexes, ignoreRegexes } = options;
    this.#ignoreFirst = ignoreRegexes.length > 0 && ignoreRegexes.length < failRegexes.length - 2;
    this.#scan = this.#ignoreFirst ? null : LineScan.for(options, this.#dispatch);
  }

  /** Works out now what the first line takes, if it is like most. */
  prepareUsual(): void {
    if (!this.#scan?.prepare()) this.prepare();
  }

  /** Works out now what the first {@link match} takes that cannot be done by scanning. */
  prepare(): void {
    if (this.#isPrepared) return;
    this.#isPrepared = true;
    const { prefRegex, failRegexes, ignoreRegexes } = this.#options;
    prefRegex?.prepare();
    for (const expression of [...failRegexes, ...ignoreRegexes]) expression.prepare();
  }

  /** Whether the expressions see more than one line at a time. */
  get hasMemory(): boolean {
    return this.#options.maxLines > 1;
  }

  /**
   * Applies the expressions to a line; `null` when the line is of no interest. The lines to be remembered are
   * in {@link memory} then.
   *
   * @param memory the lines kept from earlier calls
   * @param leaveOut tells which expressions are not to be tried
   * @param isAscii the line is known to be pure ASCII
   * @param block what the line is a part of, if that is at hand as bytes
   */
  match(
    line: DatedLine,
    memory: readonly LineParts[],
    leaveOut: LeaveOut | null,
    isAscii: boolean,
    block: BlockBytes | null,
  ): LineOutcome | null {
    if (block !== null && leaveOut === null) {
      const outcome = this.scan(line, block);
      if (outcome !== undefined) return outcome;
    }
    this.#isAscii = isAscii && !this.hasMemory;
    const work = this.hasMemory
      ? new LineWork(line, [...memory, line.parts].slice(-this.#options.maxLines))
      : new LineWork(line, null);
    this.prefixMatched = false;
    const isOfInterest = this.#examine(work, leaveOut);
    this.current = null;
    if (this.hasMemory) this.memory = work.lines;
    return isOfInterest ? work.outcome : null;
  }

  /** Whether {@link scan} can tell anything; if so, {@link canGlance}. */
  get canScan(): boolean {
    return this.#scan !== null;
  }

  /**
   * As {@link match}, but certainly takes little time; `undefined`: nothing can be told in this way.
   *
   * @param block what the line is a part of
   * @param isPromising false: no failregex can match, so it is done as by {@link glance}
   */
  scan(line: DatedLine, block: BlockBytes, isPromising = true): LineOutcome | null | undefined {
    this.prefixMatched = false;
    const outcome = isPromising ? this.#scan?.run(line, block, this) : this.#scan?.glance(line, block, this);
    this.current = null;
    return outcome;
  }

  /** Whether {@link glance} is enough for lines in which no failregex can match. */
  get canGlance(): boolean {
    return !this.hasMemory && !this.#ignoreFirst && !this.#options.wantPrefGroups;
  }

  /** Whether there is a prefregex. */
  get hasPrefix(): boolean {
    return this.#options.prefRegex !== null;
  }

  /**
   * Takes a line in which no failregex can match: only whether the prefregex does is found out, for
   * {@link prefixMatched}.
   *
   * @param text the line without its date, with a newline
   */
  glance(text: string, leaveOut: LeaveOut | null, isAscii: boolean): void {
    const { prefRegex } = this.#options;
    this.prefixMatched = false;
    if (!prefRegex || leaveOut?.(prefRegex)) return;
    this.current = prefRegex;
    this.prefixMatched = prefRegex.matches(text, isAscii);
    this.current = null;
  }

  #examine(work: LineWork, leaveOut: LeaveOut | null): boolean {
    if (this.#ignoreFirst && this.#isIgnored(work, work.text, [work.line.parts], leaveOut)) {
      return true;
    }
    if (!this.#applyPrefRegex(work, leaveOut)) return false;
    for (const index of this.#dispatch.candidates(work.text)) {
      const expression = this.#options.failRegexes[index]!;
      if (!this.#dispatch.isPossible(index, work.text) || leaveOut?.(expression)) continue;
      this.current = expression;
      const { text } = work;
      const match = expression.search(text, this.#isAscii);
      if (!match) continue;
      const split = this.#split(work, expression, match);
      if (
        this.#options.ignoreRegexes.length > 0 &&
        this.#isIgnored(work, split.text, split.lines, leaveOut)
      ) {
        if (this.#options.everyRegex) continue;
        return true;
      }
      work.matched = true;
      if (work.line.time === null && this.#options.timeRequired) continue;
      work.addHit(this.#hit(work, index, match, text, split.lines));
      if (!this.#options.everyRegex) break;
    }
    return work.matched || work.ignored.length > 0 || work.prefGroups !== null;
  }

  #hit(work: LineWork, index: number, match: PyMatch, text: string, lines: readonly LineParts[]): Hit {
    const { prefRegex, failRegexes } = this.#options;
    const expression = failRegexes[index]!;
    const { line, prefix, prefixText } = work;
    const meaning = noMeaning();
    if (prefix !== null) prefRegex!.addMeaning(prefix, meaning);
    expression.addMeaning(match, meaning);
    const usedPrefix = prefix === null ? null : prefRegex;
    const usedLines = this.hasMemory ? lines : null;
    return new TextHit(index, expression, usedPrefix, line, meaning, text, prefixText, usedLines);
  }

  #applyPrefRegex(work: LineWork, leaveOut: LeaveOut | null): boolean {
    const expression = this.#options.prefRegex;
    if (!expression) return true;
    if (leaveOut?.(expression)) return false;
    this.current = expression;
    const { wantPrefGroups } = this.#options;
    if (!wantPrefGroups && !this.hasMemory && expression.hasHead(work.text))
      return this.#applyHead(work, expression);
    const match = expression.search(work.text, this.#isAscii);
    if (!match) return false;
    this.prefixMatched = true;
    work.usePrefix(expression, match, wantPrefGroups);
    const content = expression.hasContent ? match.group("content") : null;
    if (content) {
      work.text = asText(content, work.text, expression.endsWithContent ? match.end : -1);
      if (this.#options.maxLines > 1) work.lines = [["", "", content]];
    }
    return true;
  }

  /** Applies a prefregex whose content is the rest of the line. */
  #applyHead(work: LineWork, expression: Expression): boolean {
    const match = expression.searchHead(work.text, this.#isAscii);
    if (!match) return false;
    this.prefixMatched = true;
    work.usePrefix(expression, match, false);
    const first = this.#isAscii ? 1 : match.group("content")!.length;
    work.text = work.text.slice(match.end - first);
    return true;
  }

  #isIgnored(work: LineWork, text: string, lines: readonly LineParts[], leaveOut: LeaveOut | null): boolean {
    let found = false;
    for (const [regex, expression] of this.#options.ignoreRegexes.entries()) {
      if (leaveOut?.(expression)) continue;
      this.current = expression;
      if (!expression.search(text, this.#isAscii)) continue;
      found = true;
      work.addIgnored({ regex, lines });
      if (!this.#options.everyRegex) break;
    }
    return found;
  }

  /** The lines that a match took part in, and the text that an ignoreregex is tried on. */
  #split(
    work: LineWork,
    expression: Expression,
    match: PyMatch,
  ): { lines: readonly LineParts[]; text: string } {
    if (this.#options.maxLines === 1) return work;
    const skipped = expression.skippedLines(match);
    const { matched, unmatched } = splitBuffer(work.lines, match.start, match.end, skipped);
    work.lines = unmatched;
    work.text = searchedText(unmatched);
    return { lines: matched, text: searchedText(matched) };
  }
}

/** The content with a newline behind it, which `searched` has already if the content ends there. */
function asText(content: string, searched: string, end: number): string {
  return end === searched.length - 1 ? searched.slice(end - content.length) : `${content}\n`;
}

/** What is under way for one line. */
class LineWork implements LineOutcome {
  readonly line: DatedLine;
  text: string;
  hits: Hit[] = NO_HITS;
  ignored: Ignored[] = NONE_IGNORED;
  matched = false;
  /** The match of the prefregex. */
  prefix: PyMatch | null = null;
  /** What the prefregex is tried on. */
  readonly prefixText: string;
  prefGroups: FailureData | null = null;
  #lines: readonly LineParts[] | null;

  /** @param lines the lines that the expressions see, if there may be several */
  constructor(line: DatedLine, lines: readonly LineParts[] | null) {
    this.line = line;
    this.#lines = lines;
    this.text = lines === null ? line.searched : searchedText(lines);
    this.prefixText = this.text;
  }

  get onlyHit(): Hit | null {
    return this.hits.length === 1 ? this.hits[0]! : null;
  }

  /** What came out, without what was needed on the way. */
  get outcome(): LineOutcome {
    const isPlain = this.hits.length === 1 && this.ignored.length === 0 && this.prefGroups === null;
    return isPlain ? new SingleHit(this.hits[0]!) : this;
  }

  get lines(): readonly LineParts[] {
    this.#lines ??= [this.line.parts];
    return this.#lines;
  }

  set lines(lines: readonly LineParts[]) {
    this.#lines = lines;
  }

  usePrefix(expression: Expression, match: PyMatch, wanted: boolean): void {
    this.prefix = match;
    if (wanted) this.prefGroups = expression.groups(match);
  }

  addHit(hit: Hit): void {
    if (this.hits === NO_HITS) this.hits = [hit];
    else this.hits.push(hit);
  }

  addIgnored(ignored: Ignored): void {
    if (this.ignored === NONE_IGNORED) this.ignored = [ignored];
    else this.ignored.push(ignored);
  }
}
