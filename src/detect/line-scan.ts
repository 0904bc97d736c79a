import { type ByteResult, FOUND, NOTHING, UNDECIDED } from "../pyregex/byte-matcher.ts";
import type { BlockBytes } from "./block-bytes.ts";
import type { DatedLine } from "./dated-line.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Expression } from "./expression.ts";
import type { ExpressionScanner } from "./expression-scanner.ts";
import { type Hit, ScannedHit } from "./hit.ts";
import type { MatcherOptions } from "./matcher.ts";
import { type LineOutcome, SeveralHits, SingleHit } from "./outcome.ts";
import { ScannedMatch } from "./scanned-match.ts";

/** What a scan tells of itself while it is at work and afterwards. */
export interface Workbench {
  /** The expression at work. */
  current: Expression | null;
  /** The prefregex matched. */
  prefixMatched: boolean;
}

/**
 * Applies the expressions of a filter to lines where they stand in their block, which nearly all lines of a log can be
 * decided by, and makes no text.
 */
export class LineScan {
  readonly #prefRegex: Expression | null;
  readonly #failRegexes: readonly Expression[];
  readonly #dispatch: Dispatch;
  readonly #hasIgnoreRegexes: boolean;
  readonly #everyRegex: boolean;
  readonly #match = new ScannedMatch();

  private constructor(options: MatcherOptions, dispatch: Dispatch) {
    const { prefRegex, failRegexes, ignoreRegexes, everyRegex } = options;
    this.#prefRegex = prefRegex;
    this.#failRegexes = failRegexes;
    this.#dispatch = dispatch;
    this.#hasIgnoreRegexes = ignoreRegexes.length > 0;
    this.#everyRegex = everyRegex;
  }

  /** `null` when more is asked than a scan can tell. */
  static for(options: MatcherOptions, dispatch: Dispatch): LineScan | null {
    const { maxLines, wantPrefGroups, prefRegex, failRegexes } = options;
    if (maxLines > 1 || wantPrefGroups) return null;
    // What a scanner tells of a match is only valid until it searches again.
    return prefRegex && failRegexes.includes(prefRegex) ? null : new LineScan(options, dispatch);
  }

  /** Works out now what the first line takes; false when some expression cannot be scanned with. */
  prepare(): boolean {
    return [this.#prefRegex, ...this.#failRegexes].every((expression) => expression?.scanner !== null);
  }

  /**
   * What the expressions say of a line; `null`: nothing, `undefined`: that cannot be told by scanning.
   *
   * @param block what the line is a part of
   */
  run(line: DatedLine, block: BlockBytes, bench: Workbench): LineOutcome | null | undefined {
    const start = line.placeIn(block);
    if (start < 0 || line.time === null) return undefined;
    const end = start + line.searchedLength;
    const content = this.#contentOf(start, end, block, bench);
    if (content < 0) return content === NO_MATCH ? null : undefined;
    return this.#applyFailRegexes(line, { start, content, end }, block, bench);
  }

  /**
   * Finds out whether the prefregex matches a line in which no failregex can; `undefined`: that cannot be told by
   * scanning, else `null`.
   */
  glance(line: DatedLine, block: BlockBytes, bench: Workbench): null | undefined {
    if (!this.#prefRegex) return null;
    const start = line.placeIn(block);
    if (start < 0) return undefined;
    return this.#searchPrefix(start, start + line.searchedLength, block, bench) === UNDECIDED
      ? undefined
      : null;
  }

  #searchPrefix(start: number, end: number, { bytes }: BlockBytes, bench: Workbench): ByteResult {
    const { scanner } = this.#prefRegex!;
    if (!scanner) return UNDECIDED;
    bench.current = this.#prefRegex;
    const result = scanner.search(bytes, start, end);
    if (result === FOUND) bench.prefixMatched = true;
    return result;
  }

  /** Where that begins what the failregexes see: a place, {@link NO_MATCH} or {@link UNKNOWN}. */
  #contentOf(start: number, end: number, block: BlockBytes, bench: Workbench): number {
    if (!this.#prefRegex) return start;
    const result = this.#searchPrefix(start, end, block, bench);
    if (result !== FOUND) return result === NOTHING ? NO_MATCH : UNKNOWN;
    const scanner = this.#prefRegex.scanner!;
    if (!scanner.hasContent) return start;
    // Failregexes see the content with a newline behind it.
    return scanner.endsWithLine || scanner.contentEnd === end - 1 ? scanner.contentStart : UNKNOWN;
  }

  #applyFailRegexes(
    line: DatedLine,
    place: Place,
    { bytes }: BlockBytes,
    bench: Workbench,
  ): LineOutcome | null | undefined {
    let first: Hit | null = null;
    let all: Hit[] | null = null;
    for (const index of this.#dispatch.candidatesFor(bytes[place.content]!)) {
      const expression = this.#failRegexes[index]!;
      const { scanner } = expression;
      if (!scanner) return undefined;
      bench.current = expression;
      const result = scanner.search(bytes, place.content, place.end);
      if (result === NOTHING) continue;
      if (result !== FOUND || this.#hasIgnoreRegexes) return undefined;
      const hit = this.#hit(line, place, index, scanner, bytes);
      if (!hit) return undefined;
      if (!this.#everyRegex) return new SingleHit(hit);
      if (first === null) first = hit;
      else if (all === null) all = [first, hit];
      else all.push(hit);
    }
    if (all !== null) return new SeveralHits(all);
    return first === null ? null : new SingleHit(first);
  }

  /** `null`: more has to be known of the match than scanning tells. */
  #hit(
    line: DatedLine,
    { start, content }: Place,
    index: number,
    scanner: ExpressionScanner,
    bytes: Uint8Array,
  ): Hit | null {
    const prefix = this.#prefRegex?.scanner ?? null;
    if (!scanner.hasFullMeaning || prefix?.hasFullMeaning === false) return null;
    const match = this.#match;
    match.show(scanner, prefix, bytes, start, content);
    const expression = this.#failRegexes[index]!;
    const identity = match.family === null ? match.identity(line) : null;
    return new ScannedHit(index, expression, this.#prefRegex, line, match.signs, identity, match);
  }
}

/** Where in the bytes a line without its date stands, and what of it the failregexes see: from `content` on. */
interface Place {
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

const NO_MATCH = -1;
const UNKNOWN = -2;
