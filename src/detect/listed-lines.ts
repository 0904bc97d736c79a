import type { DatedLine } from "./dated-line.ts";
import type { LineSource } from "./examiner.ts";
import type { LineParts } from "./line-buffer.ts";
import type { DateContext, LineDates } from "./line-dates.ts";

/** Lines that are all looked at, named by their index. */
export class ListedLines implements LineSource {
  readonly #lines: readonly (string | LineParts)[];
  readonly #timeOf: (at: number) => number | null;
  readonly #dates: LineDates;
  readonly #context: DateContext;
  #next = 0;

  /** @param timeOf time of a line where it is known from elsewhere, seconds since 1970 UTC */
  constructor(
    lines: readonly (string | LineParts)[],
    timeOf: (at: number) => number | null,
    dates: LineDates,
    context: DateContext,
  ) {
    this.#lines = lines;
    this.#timeOf = timeOf;
    this.#dates = dates;
    this.#context = context;
  }

  next(): number {
    return this.#next < this.#lines.length ? this.#next : -1;
  }

  line(at: number): string {
    const line = this.#lines[at]!;
    return typeof line === "string" ? line : line.join("");
  }

  date(at: number): DatedLine | null {
    const time = this.#timeOf(at);
    if (time === null) return this.#dates.date(this.line(at), this.#context);
    const line = this.#lines[at]!;
    return this.#dates.accept(typeof line === "string" ? ["", "", line] : line, time, this.#context);
  }

  done(at: number): void {
    this.#next = at + 1;
  }

  settle(): void {}

  giveUpSettling(): void {}
}
