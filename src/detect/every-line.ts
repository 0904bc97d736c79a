import type { BlockBytes } from "./block-bytes.ts";
import type { DatedLine } from "./dated-line.ts";
import type { LineSource } from "./examiner.ts";
import type { DateContext, LineDates } from "./line-dates.ts";
import { LineMeasure, lineAt } from "./line-end.ts";
import type { Prefilter } from "./prefilter.ts";

/** Whether the line from `start` to `end` of a block does not count. */
export type LeftOut = (block: string, start: number, end: number) => boolean;

/** What is known of lines before they are looked at. */
export interface LineChoice {
  /** Tells where a failregex can match; `null`: anywhere. */
  readonly prefilter: Prefilter | null;
  /** Where that finds nothing, the prefregex cannot match either. */
  readonly isFull: boolean;
  readonly leftOut: LeftOut;
}

/**
 * Walks over the lines of a block and passes none over but those that are left out. A line is named by its start.
 * As most lines are only counted, each is looked through for its end but once.
 */
export class EveryLine implements LineSource {
  readonly block: BlockBytes;
  readonly #text: string;
  readonly #choice: LineChoice;
  readonly #dates: LineDates;
  readonly #context: DateContext;
  #position = 0;
  readonly #measure: LineMeasure;
  #count = 0;
  /** The next place where an expression could match; `Infinity`: there is none. */
  #promise = -1;

  /**
   * @param block whole lines, each with its newline
   */
  constructor(block: BlockBytes, choice: LineChoice, dates: LineDates, context: DateContext) {
    this.block = block;
    this.#text = block.text;
    this.#measure = new LineMeasure(block.text);
    this.#choice = choice;
    this.#dates = dates;
    this.#context = context;
  }

  /** Number of lines that are done. */
  get count(): number {
    return this.#count;
  }

  next(): number {
    while (this.#position < this.#text.length) {
      const end = this.#measure.endOf(this.#position);
      if (!this.#choice.leftOut(this.#text, this.#position, end)) return this.#position;
      this.#position = this.#measure.behind(this.#position);
    }
    return -1;
  }

  line(start: number): string {
    return lineAt(this.#text, start);
  }

  date(start: number): DatedLine | null {
    return this.#dates.dateAt(this.#text, start, this.#context);
  }

  isPromising(start: number): boolean {
    const { prefilter } = this.#choice;
    if (!prefilter) return true;
    if (this.#promise < start) {
      const found = prefilter.nextIn(this.block, start);
      this.#promise = found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#promise < this.#measure.behind(start);
  }

  undated(start: number, isTextWanted: boolean): string | null {
    const block = this.#text;
    const end = this.#measure.endOf(start);
    const behind = this.#measure.behind(start);
    const date = this.#dates.passRepeated(block, start, end, this.#context);
    if (date < 0) {
      const line = this.#dates.date(block.slice(start, end), this.#context);
      return line === null ? null : isTextWanted ? line.searched : "";
    }
    if (!isTextWanted) return "";
    const after = date + this.#dates.repeatedLength;
    // Mostly no text has to be made, as the newline stands right behind.
    if (date === start && end === behind - 1) return block.slice(after, behind);
    return `${block.slice(start, date)}${block.slice(after, end)}\n`;
  }

  done(start: number): void {
    // A line may be said to be done twice.
    if (this.#position > start) return;
    this.#position = this.#measure.behind(start);
    this.#count++;
  }

  settle(): void {}

  giveUpSettling(): void {}

  beginScan(): boolean {
    return true;
  }

  isPlain(start: number): boolean {
    return this.block.isPlain(start, this.#measure.endOf(start));
  }

  scanDate(start: number): DatedLine | null | undefined {
    const bytes = this.isPlain(start) ? this.block.bytes : null;
    return this.#dates.scanAt(this.#text, start, this.#measure.endOf(start), this.#context, bytes);
  }

  pass(start: number): boolean {
    if (!this.#choice.isFull || this.isPromising(start)) return false;
    const end = this.#measure.endOf(start);
    if (this.#dates.passRepeated(this.#text, start, end, this.#context, this.block.bytes) < 0) return false;
    this.done(start);
    return true;
  }

  settleScan(): boolean {
    return true;
  }
}
