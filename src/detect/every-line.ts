import type { DatedLine } from "./dated-line.ts";
import type { LineSource } from "./examiner.ts";
import type { DateContext, LineDates } from "./line-dates.ts";
import { endOfLine, lineAt } from "./line-end.ts";
import type { Prefilter } from "./prefilter.ts";

/** Walks over the lines of a block and passes none over but those that are left out. A line is named by its start. */
export class EveryLine implements LineSource {
  readonly #block: string;
  readonly #prefilter: Prefilter | null;
  readonly #leftOut: (block: string, start: number, end: number) => boolean;
  readonly #dates: LineDates;
  readonly #context: DateContext;
  #position = 0;
  #count = 0;
  /** The next place where an expression could match; `Infinity`: there is none. */
  #promise = -1;

  /**
   * @param block whole lines, each with its newline
   * @param prefilter tells where a failregex can match; `null`: anywhere
   * @param leftOut whether the line from `start` to `end` does not count
   */
  constructor(
    block: string,
    prefilter: Prefilter | null,
    leftOut: (block: string, start: number, end: number) => boolean,
    dates: LineDates,
    context: DateContext,
  ) {
    this.#block = block;
    this.#prefilter = prefilter;
    this.#leftOut = leftOut;
    this.#dates = dates;
    this.#context = context;
  }

  /** Number of lines that are done. */
  get count(): number {
    return this.#count;
  }

  next(): number {
    while (this.#position < this.#block.length) {
      if (!this.#leftOut(this.#block, this.#position, endOfLine(this.#block, this.#position)))
        return this.#position;
      this.#position = this.#behind(this.#position);
    }
    return -1;
  }

  line(start: number): string {
    return lineAt(this.#block, start);
  }

  date(start: number): DatedLine | null {
    return this.#dates.dateAt(this.#block, start, this.#context);
  }

  isPromising(start: number): boolean {
    if (!this.#prefilter) return true;
    if (this.#promise < start) {
      const found = this.#prefilter.next(this.#block, start);
      this.#promise = found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#promise < this.#behind(start);
  }

  done(start: number): void {
    this.#position = this.#behind(start);
    this.#count++;
  }

  settle(): void {}

  giveUpSettling(): void {}

  #behind(start: number): number {
    const newline = this.#block.indexOf("\n", start);
    return newline < 0 ? this.#block.length : newline + 1;
  }
}
