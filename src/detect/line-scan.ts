import { FOUND, NOTHING } from "../pyregex/byte-matcher.ts";
import type { BlockBytes } from "./block-bytes.ts";
import type { DatedLine } from "./dated-line.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Expression } from "./expression.ts";
import type { ExpressionScanner } from "./expression-scanner.ts";
import { Hit, noMeaning } from "./hit.ts";
import { knownAddressIn } from "./known-address.ts";
import type { MatcherOptions } from "./matcher.ts";
import { type LineOutcome, SingleHit } from "./outcome.ts";

/** What a scan tells of itself while it is at work and afterwards. */
export interface Workbench {
  /** The expression at work. */
  current: Expression | null;
  /** The prefregex matched. */
  prefixMatched: boolean;
}

/**
 * Applies the expressions of a filter to lines where they stand in their block, which nearly all lines of a log can be
 * decided by. No text is made but for what is found.
 */
export class LineScan {
  readonly #prefRegex: Expression | null;
  readonly #failRegexes: readonly Expression[];
  readonly #dispatch: Dispatch;
  readonly #hasIgnoreRegexes: boolean;

  private constructor({ prefRegex, failRegexes, ignoreRegexes }: MatcherOptions, dispatch: Dispatch) {
    this.#prefRegex = prefRegex;
    this.#failRegexes = failRegexes;
    this.#dispatch = dispatch;
    this.#hasIgnoreRegexes = ignoreRegexes.length > 0;
  }

  /** `null` when more is asked than a scan can tell. */
  static for(options: MatcherOptions, dispatch: Dispatch): LineScan | null {
    const { maxLines, everyRegex, wantPrefGroups } = options;
    return maxLines > 1 || everyRegex || wantPrefGroups ? null : new LineScan(options, dispatch);
  }

  /**
   * What the expressions say of a line; `null`: nothing, `undefined`: that cannot be told by scanning.
   *
   * @param block what the line is a part of
   */
  run(line: DatedLine, block: BlockBytes, bench: Workbench): LineOutcome | null | undefined {
    const start = line.placeIn(block.text);
    if (start < 0 || line.time === null) return undefined;
    const content = this.#contentOf(start, line.end + 1, block, bench);
    if (content < 0) return content === NO_MATCH ? null : undefined;
    return this.#applyFailRegexes(line, start, content, block, bench);
  }

  /** Where that begins what the failregexes see: a place, {@link NO_MATCH} or {@link UNKNOWN}. */
  #contentOf(start: number, end: number, { bytes }: BlockBytes, bench: Workbench): number {
    if (!this.#prefRegex) return start;
    const { scanner } = this.#prefRegex;
    if (!scanner) return UNKNOWN;
    bench.current = this.#prefRegex;
    const result = scanner.search(bytes, start, end);
    if (result !== FOUND) return result === NOTHING ? NO_MATCH : UNKNOWN;
    bench.prefixMatched = true;
    if (!scanner.hasContent) return start;
    // Failregexes see the content with a newline behind it.
    return scanner.endsWithLine || scanner.contentEnd === end - 1 ? scanner.contentStart : UNKNOWN;
  }

  #applyFailRegexes(
    line: DatedLine,
    start: number,
    content: number,
    { bytes }: BlockBytes,
    bench: Workbench,
  ): LineOutcome | null | undefined {
    for (const index of this.#dispatch.candidatesFor(bytes[content]!)) {
      const expression = this.#failRegexes[index]!;
      const { scanner } = expression;
      if (!scanner) return undefined;
      bench.current = expression;
      const result = scanner.search(bytes, content, line.end + 1);
      if (result === NOTHING) continue;
      if (result !== FOUND || this.#hasIgnoreRegexes) return undefined;
      return this.#outcome(line, start, content, index, scanner, bytes);
    }
    return null;
  }

  #outcome(
    line: DatedLine,
    start: number,
    content: number,
    index: number,
    scanner: ExpressionScanner,
    bytes: Uint8Array,
  ): LineOutcome | undefined {
    const prefix = this.#prefRegex?.scanner ?? null;
    if (!scanner.hasFullMeaning || prefix?.hasFullMeaning === false) return undefined;
    const { searched } = line;
    const meaning = noMeaning();
    const isPlain = scanner.hasOnlyIp4 && !prefix?.hasIdentity;
    prefix?.addMeaning(searched, start, meaning, true);
    scanner.addMeaning(searched, start, meaning, !isPlain);
    const address = isPlain ? knownAddressIn(bytes, scanner.ip4Start, scanner.ip4End, searched, start) : null;
    const expression = this.#failRegexes[index]!;
    return new SingleHit(
      new Hit(index, expression, meaning, content - start, this.#prefRegex, null, line, null, address),
    );
  }
}

const NO_MATCH = -1;
const UNKNOWN = -2;
