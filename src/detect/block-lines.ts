import type { BlockBytes } from "./block-bytes.ts";
import type { DatedLine } from "./dated-line.ts";
import type { LineSource } from "./examiner.ts";
import type { DateContext, LineDates } from "./line-dates.ts";
import { LineMeasure, lineAt } from "./line-end.ts";
import type { Prefilter } from "./prefilter.ts";

/**
 * Walks over the lines of a block, passing over those in which nothing can match.
 *
 * What a line that is passed over would have changed, had it been read:
 * - *The last known date*, which undated lines take. It is made good: when a line without a date comes, and at
 *   the end of the block, the lines before it are read backwards up to the nearest that has a date. Earlier ones
 *   cannot matter, for each date replaces the one before.
 * - *Warnings about times* (too old, not now). Lines of a log are in order of time, so those between the first
 *   and the last line of a block are no odder than these two, and these two are always read.
 * - *The date detector's statistics* of templates. They decide only how a date that several templates can read
 *   is taken, and the lines that are read suffice for that.
 * - *Complaints about dates that cannot be converted.* They are left out for lines that mean nothing to the filter.
 */
export class BlockLines implements LineSource {
  readonly block: BlockBytes;
  readonly #text: string;
  readonly #prefilter: Prefilter | null;
  readonly #dates: LineDates;
  readonly #context: DateContext;
  /** Start of the first line that has not been looked at. */
  #position = 0;
  /** The last known date is right for lines that start here. */
  #settled = 0;
  readonly #measure: LineMeasure;

  /**
   * @param block whole lines, each with its newline
   * @param prefilter tells where something can match; `null`: anywhere
   */
  constructor(block: BlockBytes, prefilter: Prefilter | null, dates: LineDates, context: DateContext) {
    this.block = block;
    this.#text = block.text;
    this.#measure = new LineMeasure(block.text);
    this.#prefilter = prefilter;
    this.#dates = dates;
    this.#context = context;
  }

  next(): number {
    if (this.#isFirstPassedOver()) {
      this.#dates.hasDate(this.line(0), this.#context);
      this.done(0);
    }
    if (this.#position >= this.#text.length) return -1;
    if (!this.#prefilter) return this.#position;
    const found = this.#prefilter.nextIn(this.block, this.#position);
    this.#position = found < 0 ? this.#text.length : this.#startOf(found);
    return found < 0 ? -1 : this.#position;
  }

  line(start: number): string {
    return lineAt(this.#text, start);
  }

  date(start: number): DatedLine | null {
    return this.#dates.dateAt(this.#text, start, this.#context, () => this.settle(start));
  }

  done(start: number): void {
    this.#position = this.#measure.behind(start);
    if (this.#position > this.#settled) this.#settled = this.#position;
  }

  settle(end = this.#text.length): void {
    let lineEnd = end;
    while (lineEnd > this.#settled) {
      const start = this.#startOf(lineEnd - 1);
      if (this.#dates.hasDate(this.line(start), this.#context)) break;
      lineEnd = start;
    }
    this.#settled = Math.max(this.#settled, end);
  }

  giveUpSettling(): void {
    this.#settled = this.#text.length;
  }

  beginScan(): boolean {
    if (!this.#isFirstPassedOver()) return true;
    if (this.scanDate(0) === undefined) return false;
    this.done(0);
    return true;
  }

  isPlain(start: number): boolean {
    return this.block.isPlain(start, this.#measure.endOf(start));
  }

  scanDate(start: number): DatedLine | null | undefined {
    const bytes = this.isPlain(start) ? this.block.bytes : null;
    return this.#dates.scanAt(this.#text, start, this.#measure.endOf(start), this.#context, bytes);
  }

  settleScan(): boolean {
    const { length } = this.#text;
    if (length > this.#settled && this.scanDate(this.#startOf(length - 1)) === undefined) return false;
    this.#settled = length;
    return true;
  }

  /** Whether the first line is still to be read, but nothing can match in it. */
  #isFirstPassedOver(): boolean {
    return (
      this.#position === 0 &&
      this.#settled === 0 &&
      this.#prefilter !== null &&
      !this.#prefilter.accepts(this.line(0))
    );
  }

  /** Where the line begins that has a place in it. */
  #startOf(place: number): number {
    const { bytes } = this.block;
    let start = place;
    while (start > 0 && bytes[start - 1] !== NEWLINE) start--;
    return start;
  }
}

const NEWLINE = 10;
