import type { ByteMatcher, ByteResult } from "../pyregex/byte-matcher.ts";
import type { MEANING } from "./captured.ts";

/** One expression at work in the bytes of a block of lines. What it tells of a match is valid until it searches again. */
export class ExpressionScanner {
  readonly #matcher: ByteMatcher;
  /** For each group that the matcher tells of, but the content, which of {@link MEANING} it is. */
  readonly #meanings: readonly number[];
  /** Number of the content among the groups that the matcher tells of, -1: there is none. */
  readonly #content: number;
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
    this.#meanings = meanings;
    this.#content = content === "none" ? -1 : meanings.length;
    this.endsWithLine = content === "rest of line";
    this.hasFullMeaning = hasFullMeaning;
  }

  /** Searches the bytes from `start` to `end` as if they were all of the text. */
  search(bytes: Uint8Array, start: number, end: number): ByteResult {
    return this.#matcher.search(bytes, start, end);
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

  /**
   * Puts the places of the groups that took part in the last match into a list of those of all {@link MEANING}: each with
   * its begin and its end.
   */
  putPlaces(places: Int32Array): void {
    const meanings = this.#meanings;
    for (let group = 0; group < meanings.length; group++) {
      const start = this.#matcher.startOf(group);
      if (start < 0) continue;
      const at = 2 * meanings[group]!;
      places[at] = start;
      places[at + 1] = this.#matcher.endOf(group);
    }
  }
}
