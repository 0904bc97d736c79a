import type { LineSource } from "./examiner.ts";
import type { LineParts } from "./line-buffer.ts";
import type { DateContext, DatedLine, LineDates } from "./line-dates.ts";

/** One line as a source. */
export class SingleLine implements LineSource {
  readonly #line: string | LineParts;
  readonly #time: number | null;
  readonly #dates: LineDates;
  readonly #context: DateContext;
  #isDone = false;

  /** @param time time of the line where it is known from elsewhere, seconds since 1970 UTC */
  constructor(line: string | LineParts, time: number | null, dates: LineDates, context: DateContext) {
    this.#line = line;
    this.#time = time;
    this.#dates = dates;
    this.#context = context;
  }

  next(): number {
    return this.#isDone ? -1 : 0;
  }

  line(): string {
    return typeof this.#line === "string" ? this.#line : this.#line.join("");
  }

  date(): DatedLine | null {
    if (this.#time === null) return this.#dates.date(this.line(), this.#context);
    const parts = typeof this.#line === "string" ? (["", "", this.#line] as const) : this.#line;
    return this.#dates.accept(parts, this.#time, this.#context);
  }

  done(): void {
    this.#isDone = true;
  }

  settle(): void {}

  giveUpSettling(): void {}
}
