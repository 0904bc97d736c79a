import { expandTags, scopeInlineFlags, type UseDns } from "./tags.ts";

/** A tag, and what took its place. */
interface Replaced {
  readonly tag: string;
  /** Where the tag stands in the expression as it was written. */
  readonly at: number;
  readonly length: number;
}

/** Finds places of an expression whose tags were replaced in the expression as it was written. */
export class WrittenPlaces {
  /** The expression as it is to be shown: as written, or with its tags replaced where places cannot be told. */
  readonly text: string;
  readonly #replaced: readonly Replaced[];

  constructor(written: string, useDns: UseDns) {
    const replaced: Replaced[] = [];
    const expanded = expandTags(written, useDns, (tag, at, { length }) => replaced.push({ tag, at, length }));
    const isMoved = scopeInlineFlags(expanded) !== expanded;
    this.text = isMoved ? scopeInlineFlags(expanded) : written;
    this.#replaced = isMoved ? [] : replaced;
  }

  /**
   * The place in {@link text} of a place between two characters of the expanded expression.
   *
   * @param side which end of a tag is meant by a place within what it was replaced by
   */
  find(place: number, side: "start" | "end"): number {
    // By how much the places behind the tags so far are further on in the expanded expression.
    let ahead = 0;
    for (const { tag, at, length } of this.#replaced) {
      const start = at + ahead;
      if (place <= start) break;
      if (place < start + length) return side === "start" ? at : at + tag.length;
      ahead += length - tag.length;
    }
    return place - ahead;
  }
}
