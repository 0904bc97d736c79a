import { ownText } from "../pyvalue/own-text.ts";
import type { LineParts } from "./line-buffer.ts";

/** A line with its date cut out. */
export class DatedLine {
  #before: string;
  #date: string;
  #after: string;
  /** Seconds since 1970 UTC; `null` when nothing is known. */
  readonly time: number | null;
  /** Whether `time` is an integer for the reference (explicit zone). */
  readonly isInteger: boolean;
  /** The line has no usable date of its own: a match in it deserves a warning. */
  readonly undated: boolean;
  #searched = "";

  constructor(
    before: string,
    date: string,
    after: string,
    time: number | null,
    isInteger: boolean,
    undated: boolean,
  ) {
    this.#before = before;
    this.#date = date;
    this.#after = after;
    this.time = time;
    this.isInteger = isInteger;
    this.undated = undated;
  }

  /** The line with another time, which is not an integer. */
  at(time: number): DatedLine {
    return new DatedLine(this.#before, this.#date, this.#after, time, false, this.undated);
  }

  get parts(): LineParts {
    return [this.#before, this.#date, this.#after];
  }

  /** Lets go of what the line was cut out of, so that it can be kept. */
  detach(): void {
    const text = this.searched;
    const start = this.#before.length;
    this.#before = text.slice(0, start);
    this.#after = text.slice(start, -1);
    if (this.undated) this.#date = ownText(this.#date);
  }

  /** The line without its date, with a newline: what expressions see. A text of its own. */
  get searched(): string {
    if (this.#searched === "") {
      const { length } = this.#before;
      this.#searched = length === 0 ? `${this.#after}\n` : `${this.#before}${this.#after}\n`;
    }
    return this.#searched;
  }

  get date(): string {
    return this.#date;
  }

  /** The whole line. */
  get text(): string {
    return this.#before + this.#date + this.#after;
  }
}
