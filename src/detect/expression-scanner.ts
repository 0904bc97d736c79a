import type { ByteMatcher, ByteResult } from "../pyregex/byte-matcher.ts";
import { MEANING, MEANINGFUL_GROUPS } from "./captured.ts";

/** One expression at work in the bytes of a block of lines. What it tells of a match is valid until it searches again. */
export class ExpressionScanner {
  readonly #matcher: ByteMatcher;
  /** For each of the meaningful groups, its number among those that the matcher tells of; -1: there is none. */
  readonly #groups: readonly number[];
  /** Number of the content among the groups that the matcher tells of, -1: there is none. */
  readonly #content: number;
  /** The meaningful groups of this expression that say whom a match is about. */
  readonly #identities: readonly number[];
  /** The matcher looks no further than the first character of a content that is the rest of the line. */
  readonly endsWithLine: boolean;
  /** What the meaningful groups captured is all that there is to their meaning. */
  readonly hasFullMeaning: boolean;

  /**
   * @param matcher tells of meaningful groups, then of the content if there is one
   * @param meanings which of the {@link MEANING} those are
   */
  constructor(
    matcher: ByteMatcher,
    meanings: readonly number[],
    content: "none" | "part" | "rest of line",
    hasFullMeaning: boolean,
  ) {
    this.#matcher = matcher;
    this.#groups = MEANINGFUL_GROUPS.map((_, meaning) => meanings.indexOf(meaning));
    this.#identities = meanings.filter((meaning) => meaning >= MEANING.fid);
    this.#content = content === "none" ? -1 : meanings.length;
    this.endsWithLine = content === "rest of line";
    this.hasFullMeaning = hasFullMeaning;
  }

  /** Searches the bytes from `start` to `end` as if they were all of the text. */
  search(bytes: Uint8Array, start: number, end: number): ByteResult {
    return this.#matcher.search(bytes, start, end);
  }

  /** Whether some group can say whom a match is about. */
  get hasIdentity(): boolean {
    return this.#identities.length > 0;
  }

  /** Whether the content takes the place of the text; it may have captured nothing. */
  get hasContent(): boolean {
    return this.#content >= 0 && this.#matcher.startOf(this.#content) < this.#matcher.endOf(this.#content);
  }

  get contentStart(): number {
    return this.#matcher.startOf(this.#content);
  }

  get contentEnd(): number {
    return this.#matcher.endOf(this.#content);
  }

  /** Where a meaningful group (of {@link MEANING}) began in the last match; -1: it took no part. */
  startOf(meaning: number): number {
    const group = this.#groups[meaning]!;
    return group < 0 ? -1 : this.#matcher.startOf(group);
  }

  /** Where it ended. */
  endOf(meaning: number): number {
    const group = this.#groups[meaning]!;
    return group < 0 ? -1 : this.#matcher.endOf(group);
  }

  /** The one group (of {@link MEANING}) that says whom the match is about; -1: none does, or several do. */
  get onlyIdentity(): number {
    let only = -1;
    for (const meaning of this.#identities) {
      if (this.startOf(meaning) < 0) continue;
      if (only >= 0) return -1;
      only = meaning;
    }
    return only;
  }
}
